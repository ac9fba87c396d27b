/* The learned reader's inner loop: a folded text → its scores, in one pass over its grams.

   What is computed is said, and computed again in numpy, in grams.py, parts.py and reader.py; a test holds the two
   together. native.py compiles this where there is a compiler. No allocation, no recursion, linear in the text. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_HEADS 20 /* these two as in grams.py */
#define MARK_BITS 14
#define MOST_PARTS 17
#define MOST_GRAM 8
#define STRIDE 32
#define TOLD 3
#define DECISIONS 3

/* All that is told of a gram, in half a line of the processor's cache: most grams have to be fetched from far away. */
typedef struct {
    int8_t weights[MOST_HEADS]; /* head, of one lane */
    float square;               /* of its own weight */
    uint64_t key;
} Row;

typedef struct {
    const uint64_t *numbers;   /* of each UTF-16 unit */
    const uint8_t *ends;       /* of each UTF-16 unit: whether it ends a sentence */
    const uint32_t *marks;     /* slot → the number of the gram that may be there, and the lowest bits of its key */
    const Row *rows;           /* gram */
    const float *scales;       /* head */
    const float *intercepts;   /* head */
    const float *mixture;      /* decision × what it is weighed on: see evidence() in calibration.py */
    const float *biases;       /* decision */
    const float *kinds;        /* category × the same */
    const float *kind_biases;  /* category */
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

/* The number of the gram that has this key, or -1. A gram that is not known shows at its mark, nearly always. */
static int32_t find_gram(const Lane *lane, uint64_t key) {
    uint32_t mark = lane->marks[key >> lane->shift];
    if ((mark ^ key) & ((1u << MARK_BITS) - 1)) return -1;
    return lane->rows[mark >> MARK_BITS].key == key ? (int32_t)(mark >> MARK_BITS) : -1;
}

/* The grams that begin at `count` places from `start`: all keys first, so that memory is asked for early, then which of
   them may be known, then what those weigh. sums[0] takes those over a border, which are of no sentence. */
static void add_grams(const Lane *lane, const uint16_t *units, int total, int start, int count, const int *bounds,
                      int *part, int32_t sums[][MOST_HEADS], double *squares) {
    uint64_t keys[STRIDE * MOST_GRAM];
    uint32_t ids[STRIDE * MOST_GRAM];
    int whose[STRIDE * MOST_GRAM], asked = 0, found = 0;
    for (int k = start; k < start + count; k++) {
        uint64_t key = 0;
        while (k >= bounds[*part]) ++*part;
        for (int l = 0; l < lane->longest && k + l < total; l++, asked++) {
            uint64_t number = lane->numbers[units[k + l]];
            keys[asked] = key = l ? key * lane->factor + number : number;
            whose[asked] = k + l < bounds[*part] ? 1 + *part : 0;
            __builtin_prefetch(&lane->marks[key >> lane->shift]);
        }
    }
    for (int g = 0; g < asked; g++) { /* without a branch: which gram is known cannot be foreseen */
        uint32_t mark = lane->marks[keys[g] >> lane->shift];
        keys[found] = keys[g];
        whose[found] = whose[g];
        int known = !((mark ^ keys[g]) & ((1u << MARK_BITS) - 1));
        ids[found] = mark >> MARK_BITS;
        __builtin_prefetch(&lane->rows[known ? ids[found] : 0]);
        found += known;
    }
    for (int g = 0; g < found; g++) {
        const Row *row = &lane->rows[ids[g]];
        if (row->key != keys[g]) continue;
        int32_t *sum = sums[whose[g]];
        for (int h = 0; h < MOST_HEADS; h++) sum[h] += row->weights[h];
        squares[whose[g]] += row->square;
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

/* The odds of so many rows, each weighed on all scores and again on the two highest of the categories of the whole. */
static void weigh_odds(const Lane *lane, const float *told, const float *rows, const float *biases, int count,
                       float *odds) {
    const int size = 2 * lane->heads + TOLD;
    float highest = -INFINITY, next = -INFINITY;
    for (int h = 2; h < lane->heads; h++) {
        if (told[h] > highest) { next = highest; highest = told[h]; }
        else if (told[h] > next) next = told[h];
    }
    for (int r = 0; r < count; r++) {
        const float *row = &rows[r * (size + 2)];
        double sum = biases[r] + (double)row[size] * next + (double)row[size + 1] * highest;
        for (int h = 0; h < size; h++) sum += (double)row[h] * told[h];
        odds[r] = (float)sum;
    }
}

/* The odds of each category, for scores that read_text filled. */
void weigh_categories(const Lane *lane, const float *told, float *odds) {
    weigh_odds(lane, told, lane->kinds, lane->kind_biases, lane->heads - 2, odds);
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
    for (int p = 1; p <= parts; p++) { /* now the whole */
        for (int h = 0; h < lane->heads; h++) sums[0][h] += sums[p][h];
        squares[0] += squares[p];
    }
    weigh(lane, sums[0], squares[0], told);
    tell_parts(lane, parts, sums, squares, told + lane->heads);
    if (signs)
        for (int h = 0; h < lane->heads; h++) told[h] += signs[h];
    weigh_odds(lane, told, lane->mixture, lane->biases, DECISIONS, told + 2 * lane->heads + TOLD);
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
            int32_t id = find_gram(lane, key);
            if (id < 0) continue;
            double share = lane->rows[id].weights[head] * scale / (l + 1);
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
