// PLACEHOLDER by the lead so that the rest links: overwrite me.
#include "thetahat/core/target.hpp"
#include "thetahat/random/sampling_table.hpp"
#define THETAHAT_JOIN(a, b) a##b
#define THETAHAT_NAME(a, b) THETAHAT_JOIN(a, b)
namespace thetahat { extern const sampling_table THETAHAT_NAME(sampling_ops_, THETAHAT_TARGET); constexpr sampling_table THETAHAT_NAME(sampling_ops_, THETAHAT_TARGET) = {}; }
