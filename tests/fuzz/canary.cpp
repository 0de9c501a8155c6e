// A decoder with a hole: whoever runs the fuzz programs sees this one fail, or they find nothing.
#include "tests/fuzz/fuzz.hpp"

namespace strowger::fuzz {

void one(bytes in) {
  if (in.size() < 3 || in[0] != 'c') return;
  check(in[1] != 'a' || in[2] != in.size(), "the canary lives");
}

} // namespace strowger::fuzz
