#include "actors/agent/agent.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::agent {

namespace {

using result = decision<event>;

bool same_agent(const state& s, const register_agent& x) {
  return !s.gone && s.username.reveal() == x.username.reveal() &&
         s.password_hash.reveal() == x.password_hash.reveal();
}

// A name is free again when its owner was retired; a sample that nobody used gives way to a real
// agent. A sample never takes a name that was ever in use: --dev offers them at every start.
bool name_is_free(const state& s, const register_agent& x) {
  if (!s.exists || planted(bug::taken_name_given_again)) return true;
  return !x.sample && (s.gone || (s.sample && !s.used));
}

result on(const state& s, const register_agent& x, const context& ctx) {
  if (s.exists && same_agent(s, x)) return {};
  if (!name_is_free(s, x)) return errc::username_taken;
  return {registered{x.username, x.email, x.number, x.password_hash, x.extension, x.typology,
                     x.roles, x.sample, ctx.now}};
}

result on(const state& s, const note_sign_in&, const context& ctx) {
  if (!s.exists || s.gone) return errc::agent_unknown;
  if (s.used) return {};
  return {first_used{ctx.now}};
}

result on(const state& s, const retire&, const context& ctx) {
  if (!s.exists) return errc::agent_unknown;
  if (s.gone) return {};
  if (!s.sample || s.used) return errc::extension_in_use;
  return {retired{ctx.now}};
}

result on(const state& s, const revoke_token& x, const context& ctx) {
  if (!s.exists) return errc::agent_unknown;
  if (s.revoked.contains(x.jti) || x.expires_at <= ctx.now) return {};
  const auto counts = [&](const auto& r) { return r.second > ctx.now; };
  const auto in_force = static_cast<std::size_t>(std::ranges::count_if(s.revoked, counts));
  if (in_force >= limits::revoked_tokens_max) return errc::too_many_attempts;
  return {token_revoked{x.jti, x.expires_at}};
}

result on(const state& s, const set_password& x, const context& ctx) {
  if (!s.exists || s.gone) return errc::agent_unknown;
  if (s.password_hash.reveal() == x.password_hash.reveal()) return {};
  return {password_set{x.password_hash, ctx.now}};
}

bool differs(const std::optional<text>& said, const text& now) {
  return said && said->reveal() != now.reveal();
}

result on(const state& s, const change& x, const context& ctx) {
  if (!s.exists || s.gone) return errc::agent_unknown;
  std::vector<event> events;
  const bool retyped = x.typology && *x.typology != s.typology;
  if (differs(x.email, s.email) || retyped)
    events.push_back(changed{x.email.value_or(s.email), x.typology.value_or(s.typology), ctx.now});
  if (x.number && x.extension != s.extension)
    events.push_back(moved{*x.number, x.extension, ctx.now});
  if (differs(x.password_hash, s.password_hash))
    events.push_back(password_set{*x.password_hash, ctx.now});
  return events;
}

result on(const state& s, const remove&, const context& ctx) {
  if (!s.exists) return errc::agent_unknown;
  if (s.gone) return {};
  return {removed{ctx.now}};
}

result on(const state&, const tick&, const context&) { return {}; }

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

reply reply_to(const state& s, const command&) { return {s.used}; }

} // namespace strowger::agent
