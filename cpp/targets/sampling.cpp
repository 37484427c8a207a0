// The samplers, compiled once per target.

#include "thetahat/random/gamma_sampler.hpp"
#include "thetahat/random/poisson_sampler.hpp"
#include "thetahat/random/samplers.hpp"
#include "thetahat/random/sampling_table.hpp"

namespace thetahat {

#define THETAHAT_JOIN(a, b) a##b
#define THETAHAT_NAME(a, b) THETAHAT_JOIN(a, b)
extern const sampling_table THETAHAT_NAME(sampling_ops_, THETAHAT_TARGET);
constexpr sampling_table THETAHAT_NAME(sampling_ops_, THETAHAT_TARGET) = {
    sample_uniform, sample_normal, sample_exponential, sample_gamma, sample_poisson, to_int64};

}  // namespace thetahat
