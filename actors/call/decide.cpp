// The list of what may be asked of a call; each answer is in
// decide_{ring,leave,media,record,transfer}.cpp.
#include "actors/call/parts.hpp"

namespace strowger::call {

decision<event> decide(const state& s, const command& c, const context& ctx) {
  auto out = std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
  return with_its_recording(s, std::move(out), ctx.now);
}

} // namespace strowger::call
