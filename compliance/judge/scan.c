/* What is asked of every text before anything else: which readings of it could find something, and which patterns.

   What is computed is said, and computed again in Python, in glance.py and matcher.py; a test holds the two
   together. native.py compiles this where there is a compiler. No allocation, no recursion, linear in the text. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MOST_SLOTS (1 << 17) /* these five as in matcher.py */
#define MOST_SETS (1 << 14)
#define MOST_WAYS (1 << 14)
#define MARK_BITS 17
#define NUMERAL 0x80
#define LONGEST 4 /* as in needed.py */

#define HAS(bits, at) ((bits)[(at) >> 3] >> ((at) & 7) & 1)
#define ADD(bits, at) ((bits)[(at) >> 3] |= (uint8_t)(1 << ((at) & 7)))

/* The properties of a unit, in the order of _properties() in characters.py. */
enum { A = 1, C = 2, D = 4, F = 8, G = 16, H = 32, K = 64, L = 128, M = 256, N = 512, O = 1024, P = 2048, R = 4096, X = 8192 };
/* The questions, as in glance.py. */
enum { FOLDING = 1, JOINING = 2, REWRITING = 4, NUMBERS = 8 };
#define QUESTIONS 4
#define ROOM 64

typedef struct {
    const uint8_t *kinds;        /* of each UTF-16 unit */
    const uint16_t *properties;  /* of each kind */
    const uint16_t *firsts;      /* of each UTF-16 unit: its row of seconds, the first of which is empty */
    const uint32_t *rows;        /* where each row begins, and where the last ends */
    const uint16_t *seconds;     /* in order within a row */
} Signs;

static int is_suspect(const Signs *signs, uint16_t first, uint16_t second) {
    uint32_t low = signs->rows[signs->firsts[first]], high = signs->rows[signs->firsts[first] + 1];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (signs->seconds[middle] == second) return 1;
        if (signs->seconds[middle] < second) low = middle + 1;
        else high = middle;
    }
    return 0;
}

/* Which questions a unit answers with yes, with those around it; beyond the text there is nothing. */
static int answer(int before2, int before, int here, const uint16_t *after) {
    int yes = 0;
    if (here & A) return FOLDING | JOINING | REWRITING | NUMBERS;
    if (here & F || (here & O && after[0] & L)) yes |= FOLDING;
    if (here & (L | R)) yes |= REWRITING;
    if (before & H) {
        if (here & X && after[0] & (H | X)) yes |= JOINING;
        if (here & C && !(before2 & H) && after[0] & H && !(after[1] & H)) yes |= JOINING;
        if (here & L && after[0] & H) yes |= JOINING;
    }
    if (here & L && after[0] & K && after[1] & L) yes |= JOINING;
    if ((here & (G | N) && before & D) || (here & N && after[0] & D)) yes |= NUMBERS;
    if (here & P && before & D && after[0] & after[1] & after[2] & D) yes |= NUMBERS;
    return yes;
}

/* The questions that a text answers with yes, and above them how many suspicious pairs it has. `places` takes where
   the first of those begin, ROOM of them at most. */
int look(const Signs *signs, const uint16_t *units, int count, int32_t *places) {
    uint16_t ahead[4] = {0}; /* the properties of this unit and of the three after it */
    int before2 = 0, before = 0, yes = 0, suspects = 0;
    for (int at = -3; at < count; at++) {
        int next = at + 3 < count ? signs->properties[signs->kinds[units[at + 3]]] : 0;
        ahead[0] = ahead[1], ahead[1] = ahead[2], ahead[2] = ahead[3], ahead[3] = (uint16_t)next;
        if (at < 0) continue;
        int here = ahead[0];
        if (here & (A | C | F | G | L | N | O | P | R | X)) yes |= answer(before2, before, here, ahead + 1);
        if (here & M) {
            if (at && is_suspect(signs, units[at - 1], units[at])) {
                if (suspects < ROOM) places[suspects] = at - 1;
                suspects++;
            }
            if (at + 1 < count && is_suspect(signs, units[at], units[at + 1])) {
                if (suspects < ROOM) places[suspects] = at;
                suspects++;
            }
        }
        before2 = before, before = here;
    }
    return yes | suspects << QUESTIONS;
}

typedef struct {
    const uint8_t *begins;      /* of each UTF-16 unit: a bit for each length of a word that begins so, and NUMERAL */
    const uint8_t *marks;       /* a bit for each value of a hash, set where a word has it: most that are none show here */
    const uint64_t *keys;       /* slot → the units of the word that lies there, the first lowest; 0 where none does */
    const uint32_t *sets_from;  /* slot → where the sets of its word begin; those of the next slot begin where they end */
    const uint16_t *sets;
    const uint32_t *ways_from;  /* set → the same for the ways that need it */
    const uint16_t *ways;
    const uint8_t *needed;      /* way → how many sets */
    const uint8_t *numerals;    /* way → how many numerals in a row */
    const uint16_t *patterns;   /* way → the pattern that it opens */
    uint64_t factor;
    int32_t shift, slots, way_count, free_ways, near;
} Words;

typedef struct {
    uint8_t words[MOST_SLOTS / 8], sets[MOST_SETS / 8], met[MOST_WAYS];
    uint16_t open[MOST_WAYS];
    int opened;
} Seen;

/* Every way that needs a word of one of the sets of this slot; once is enough. */
static void see_word(const Words *words, uint32_t slot, Seen *seen) {
    if (HAS(seen->words, slot)) return;
    ADD(seen->words, slot);
    for (uint32_t i = words->sets_from[slot]; i < words->sets_from[slot + 1]; i++) {
        uint16_t set = words->sets[i];
        if (HAS(seen->sets, set)) continue;
        ADD(seen->sets, set);
        for (uint32_t j = words->ways_from[set]; j < words->ways_from[set + 1]; j++) {
            uint16_t way = words->ways[j];
            if (++seen->met[way] == words->needed[way]) seen->open[seen->opened++] = way;
        }
    }
}

static void see_words_at(const Words *words, const uint16_t *units, int left, int lengths, Seen *seen) {
    uint64_t key = 0;
    for (int length = 0; length < LONGEST && length < left && lengths >> length; length++) {
        key |= (uint64_t)units[length] << (16 * length);
        if (!(lengths >> length & 1)) continue;
        uint64_t hash = key * words->factor;
        if (!HAS(words->marks, hash >> (64 - MARK_BITS))) continue;
        for (uint32_t slot = (uint32_t)(hash >> words->shift); words->keys[slot];
             slot = (slot + 1) & (uint32_t)(words->slots - 1))
            if (words->keys[slot] == key) {
                see_word(words, slot, seen);
                break;
            }
    }
}

/* The patterns that a way is open to, each once: `found` has room for one a way. Returns how many. */
int find_patterns(const Words *words, const uint16_t *units, int count, uint16_t *found) {
    Seen seen;
    memset(seen.words, 0, (size_t)words->slots / 8);
    memset(seen.sets, 0, sizeof seen.sets);
    memset(seen.met, 0, (size_t)words->way_count);
    for (seen.opened = 0; seen.opened < words->free_ways; seen.opened++) seen.open[seen.opened] = (uint16_t)seen.opened;
    int row = 0, longest = 0, place = 0, last = 0, patterns = 0;
    for (int at = 0; at < count; at++) {
        uint8_t begins = words->begins[units[at]];
        place += (units[at] & 0xFC00) != 0xDC00; /* the second half of a character is none */
        if (begins & NUMERAL) {
            row = row && place - last <= words->near + 1 ? row + 1 : 1;
            last = place;
            if (row > longest) longest = row;
        }
        if (begins & ~NUMERAL) see_words_at(words, units + at, count - at, begins & ~NUMERAL, &seen);
    }
    memset(seen.sets, 0, sizeof seen.sets); /* from here on: which patterns were told */
    for (int i = 0; i < seen.opened; i++) {
        uint16_t way = seen.open[i], pattern = words->patterns[way];
        if (words->numerals[way] > longest || HAS(seen.sets, pattern)) continue;
        ADD(seen.sets, pattern);
        found[patterns++] = pattern;
    }
    return patterns;
}
