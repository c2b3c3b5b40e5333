// wide.h - MILL_WIDE, for a function whose loops compilers make vectors of: it is
// compiled for processors with AVX2, too, and the faster one that the processor
// has is called. What it calls is made so only where it is inlined: that is what
// MILL_INLINE is for.
#pragma once

#if defined(__x86_64__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define MILL_WIDE __attribute__((target_clones("avx2", "default")))
#endif
#endif
#ifndef MILL_WIDE
#define MILL_WIDE
#endif
#define MILL_INLINE __attribute__((always_inline))
