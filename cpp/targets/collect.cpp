// The passes that collect sufficient statistics, compiled once per target.

#include "thetahat/kernels/collect.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

#define THETAHAT_COLLECT(needed, what) template void collect<(needed), what>(const statistics_request&);
THETAHAT_FOR_EACH_COLLECT(THETAHAT_COLLECT)

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
