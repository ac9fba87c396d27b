/* The learned reader's inner loop: a folded text → its scores, in one pass over its grams.

   What is computed is said, and computed again in numpy, in grams.py, parts.py and reader.py; a test holds the two
   together. native.py compiles this where there is a compiler. No allocation, no recursion, linear in the text. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_HEADS 32
#define MOST_PARTS 17
#define MOST_GRAM 8
#define STRIDE 32
#define TOLD 3
#define DECISIONS 3

typedef struct {
    const uint64_t *numbers;   /* of each UTF-16 unit */
    const uint8_t *ends;       /* of each UTF-16 unit: whether it ends a sentence */
    const uint32_t *table;     /* slot → number of the gram that may be there */
    const uint64_t *keys;      /* gram → key */
    const float *squares;      /* gram → square of its own weight */
    const int8_t *weights;     /* gram × head, of one lane */
    const float *scales;       /* head */
    const float *intercepts;   /* head */
    const float *mixture;      /* decision × what it is weighed on: see evidence() in reader.py */
    const float *biases;       /* decision */
    uint64_t factor;
    int32_t shift, heads, longest, shortest, most_parts;
} Lane;

/* Where the sentences end, one bound for each; returns how many there are. */
static int cut_parts(const Lane *lane, const uint16_t *units, int count, int *bounds) {
    int least = (count + lane->most_parts - 1) / lane->most_parts, start = 0, found = 0;
    if (least < lane->shortest) least = lane->shortest;
    for (int at = 0; at < count; at++)
        if (lane->ends[units[at]] && at + 1 - start >= least) bounds[found++] = start = at + 1;
    if (found && count - start < least) found--; /* what is left over goes with the last */
    bounds[found++] = count;
    return found;
}

/* The grams that begin at `count` places from `start`, by place and length: all keys first, so that memory is asked
   for early, then their slots, then what they weigh. */
static void add_grams(const Lane *lane, const uint16_t *units, int total, int start, int count, const int *bounds,
                      int *part, int32_t sums[][MOST_HEADS], double *squares) {
    uint64_t keys[STRIDE][MOST_GRAM];
    uint32_t ids[STRIDE][MOST_GRAM];
    const int heads = lane->heads;
    for (int k = 0; k < count; k++) {
        uint64_t key = 0;
        for (int l = 0; l < lane->longest && start + k + l < total; l++) {
            uint64_t number = lane->numbers[units[start + k + l]];
            keys[k][l] = key = l ? key * lane->factor + number : number;
            __builtin_prefetch(&lane->table[key >> lane->shift]);
        }
    }
    for (int k = 0; k < count; k++)
        for (int l = 0; l < lane->longest && start + k + l < total; l++) {
            uint32_t id = ids[k][l] = lane->table[keys[k][l] >> lane->shift];
            __builtin_prefetch(&lane->keys[id]);
            __builtin_prefetch(&lane->weights[(size_t)id * heads]);
            __builtin_prefetch(&lane->squares[id]);
        }
    for (int k = 0; k < count; k++) {
        while (start + k >= bounds[*part]) ++*part;
        for (int l = 0; l < lane->longest && start + k + l < total; l++) {
            uint32_t id = ids[k][l];
            if (lane->keys[id] != keys[k][l]) continue;
            const int8_t *row = &lane->weights[(size_t)id * heads];
            int32_t *whole = sums[0], *own = sums[1 + *part];
            for (int h = 0; h < heads; h++) whole[h] += row[h];
            squares[0] += lane->squares[id];
            if (start + k + l >= bounds[*part]) continue; /* over a border: of no sentence */
            for (int h = 0; h < heads; h++) own[h] += row[h];
            squares[1 + *part] += lane->squares[id];
        }
    }
}

static void weigh(const Lane *lane, const int32_t *sums, double squares, float *scores) {
    float norm = (float)sqrt(squares > 1.0 ? squares : 1.0);
    for (int h = 0; h < lane->heads; h++) scores[h] = sums[h] * (lane->scales[h] / norm) + lane->intercepts[h];
}

/* What the sentences tell: the strongest score of each head, which for the first is the lowest, then of the second head
   the second highest and the mean, and whether there is more than one sentence. */
static void tell_parts(const Lane *lane, int parts, int32_t sums[][MOST_HEADS], const double *squares, float *told) {
    float scores[MOST_HEADS], first = -INFINITY, second = -INFINITY, sum = 0;
    const int own = parts > 1; /* the only sentence is the whole */
    for (int p = 0; p < parts; p++) {
        weigh(lane, sums[own + p], squares[own + p], scores);
        for (int h = 0; h < lane->heads; h++)
            if (!p || (h ? scores[h] > told[h] : scores[h] < told[h])) told[h] = scores[h];
        sum += scores[1];
        if (scores[1] > first) { second = first; first = scores[1]; }
        else if (scores[1] > second) second = scores[1];
    }
    told[lane->heads] = own ? second : first;
    told[lane->heads + 1] = sum / parts;
    told[lane->heads + 2] = own;
}

/* The odds of each decision, weighed on all scores and again on the two highest of the categories of the whole. */
static void weigh_decisions(const Lane *lane, const float *told, float *odds) {
    const int size = 2 * lane->heads + TOLD;
    float highest = -INFINITY, next = -INFINITY;
    for (int h = 2; h < lane->heads; h++) {
        if (told[h] > highest) { next = highest; highest = told[h]; }
        else if (told[h] > next) next = told[h];
    }
    for (int d = 0; d < DECISIONS; d++) {
        const float *row = &lane->mixture[d * (size + 2)];
        double sum = lane->biases[d] + (double)row[size] * next + (double)row[size + 1] * highest;
        for (int h = 0; h < size; h++) sum += (double)row[h] * told[h];
        odds[d] = (float)sum;
    }
}

/* Fills 2 × heads + TOLD scores, of the whole with `signs` (head, or null) added and of what its sentences tell, then the
   odds of each decision. Returns 0, or -1 where a model or a text is larger than this was made for. */
int read_text(const Lane *lane, const uint16_t *units, int count, const float *signs, float *told) {
    int bounds[MOST_PARTS + 1], part = 0;
    int32_t sums[MOST_PARTS + 1][MOST_HEADS] = {{0}};
    double squares[MOST_PARTS + 1] = {0};
    if (lane->heads > MOST_HEADS || lane->heads < 4 || lane->longest > MOST_GRAM || lane->most_parts >= MOST_PARTS ||
        count < 0 || count > 1 << 21)
        return -1;
    int parts = cut_parts(lane, units, count, bounds);
    for (int start = 0; start < count; start += STRIDE)
        add_grams(lane, units, count, start, count - start < STRIDE ? count - start : STRIDE, bounds, &part, sums,
                  squares);
    weigh(lane, sums[0], squares[0], told);
    tell_parts(lane, parts, sums, squares, told + lane->heads);
    if (signs)
        for (int h = 0; h < lane->heads; h++) told[h] += signs[h];
    weigh_decisions(lane, told, told + 2 * lane->heads + TOLD);
    return 0;
}

/* The stretch of no more than `longest` units that weighed most for one head; see heaviest.py. Returns 1 and fills
   `span`, half-open, or returns 0 where nothing spoke for the head. `gains` has room for count + 1 and begins as 0. */
int find_heaviest(const Lane *lane, const uint16_t *units, int count, int head, int longest, double *gains, int *span) {
    const double scale = lane->scales[head];
    double mean = 0, most = 0, best = 0;
    int found = 0;
    for (int at = 0; at < count; at++) {
        uint64_t key = 0;
        for (int l = 0; l < lane->longest && at + l < count; l++) {
            uint64_t number = lane->numbers[units[at + l]];
            key = l ? key * lane->factor + number : number;
            uint32_t id = lane->table[key >> lane->shift];
            if (lane->keys[id] != key) continue;
            double share = lane->weights[(size_t)id * lane->heads + head] * scale / (l + 1);
            for (int k = 0; k <= l; k++) gains[at + k] += share;
        }
    }
    for (int at = 0; at < count; at++) {
        mean += gains[at] / count;
        if (gains[at] > most) most = gains[at];
    }
    if (most <= 0) return 0;
    if (mean < 0) mean = 0;
    double total = 0;
    for (int end = 0; end <= count; end++) { /* gains become sums of what came before */
        double gain = gains[end] - mean;
        gains[end] = total;
        for (int start = end > longest ? end - longest : 0; start < end; start++)
            if (total - gains[start] > best) {
                best = total - gains[start];
                span[0] = start;
                span[1] = end;
                found = 1;
            }
        total += gain;
    }
    return found;
}
