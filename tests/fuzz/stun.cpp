// STUN: what is read agrees with itself, and what is answered can be read.
#include "media/ice.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

namespace strowger::fuzz {

void one(bytes in) {
  stun::message read;
  if (!stun::parse(in, read)) return;
  check(read.transaction.size() == 12, "a transaction of 12 bytes");
  check(!read.integrity || read.integrity->size() == stun::integrity_bytes, "20 bytes of HMAC");
  media::integrity_holds(in, read, "password");
  if (!read.username) return;
  media::ice_agent agent;
  stun::writer to{stun::type::success, read.transaction};
  const auto said = agent.check(in, read, {}, to);
  check(said.what != media::ice_agent::verdict::accepted, "nobody knows the password");
  stun::message back;
  check(said.has_response && stun::parse(to.finish(), back), "the answer is well-formed");
  check(std::ranges::equal(back.transaction, read.transaction), "and belongs to the request");
}

} // namespace strowger::fuzz
