#pragma once

// Every function that is compiled once per instruction set lives in an inline namespace named after its target, so
// that the linker can never replace the copy for one instruction set by the copy for another.
#ifndef THETAHAT_TARGET
#define THETAHAT_TARGET cold
#endif

#if defined(__CUDACC__)
#define THETAHAT_INLINE __host__ __device__ __forceinline__
#else
#define THETAHAT_INLINE [[gnu::always_inline]] inline
#endif
