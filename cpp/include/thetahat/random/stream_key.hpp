#pragma once

// What names a stream of draws across units compiled for different targets.

#include <cstdint>

namespace thetahat {

struct stream_key {
  std::uint32_t word[2];
};

}  // namespace thetahat
