// One agent: a person (or the admin) who may sign in. Stream id: keyed digest of the user name.
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/personal.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::agent {

using text = personal<std::string>; // its subject is the agent's own id

// Whether signing in takes a seat of the license.
inline bool takes_seat(std::string_view typology) {
  return typology == "chrome_softphone" || typology == "webrtc_appbar";
}

// Events. Tag and fields are the disk format: add, never rename.
struct registered {
  static constexpr auto tag = "agent.registered.v1";
  text username;
  text email;
  text number; // of the extension
  text password_hash;
  extension_id extension;
  std::string typology; // "agent", "chrome_softphone", "webrtc_appbar"
  std::vector<std::string> roles;
  bool sample = false; // made by --dev; may be taken over until first used
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"username", &registered::username},
                                            field{"email", &registered::email},
                                            field{"number", &registered::number},
                                            field{"password_hash", &registered::password_hash},
                                            field{"extension", &registered::extension},
                                            field{"typology", &registered::typology},
                                            field{"roles", &registered::roles},
                                            field{"sample", &registered::sample},
                                            field{"at", &registered::at}};
};
struct first_used { // the first sign-in: from now on it belongs to somebody
  static constexpr auto tag = "agent.first_used.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &first_used::at}};
};
struct retired { // its extension was taken over; it can no longer sign in
  static constexpr auto tag = "agent.retired.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &retired::at}};
};
struct token_revoked {
  static constexpr auto tag = "agent.token_revoked.v1";
  std::string jti;
  time_ms expires_at = 0; // forgotten after this: the token is dead by itself
  static constexpr auto fields = std::tuple{field{"jti", &token_revoked::jti},
                                            field{"expires_at", &token_revoked::expires_at}};
};
struct password_set { // the one before no longer signs in; tokens stay
  static constexpr auto tag = "agent.password_set.v1";
  text password_hash;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"password_hash", &password_set::password_hash},
                                            field{"at", &password_set::at}};
};
struct changed {
  static constexpr auto tag = "agent.changed.v1";
  text email;
  std::string typology;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"email", &changed::email}, field{"typology", &changed::typology},
                 field{"at", &changed::at}};
};
struct moved { // to another extension; tokens name the one before and are void
  static constexpr auto tag = "agent.moved.v1";
  text number;
  extension_id extension;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"number", &moved::number}, field{"extension", &moved::extension},
                 field{"at", &moved::at}};
};
struct removed { // it can no longer sign in, and its tokens are void
  static constexpr auto tag = "agent.removed.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &removed::at}};
};
using event = std::variant<registered, first_used, retired, token_revoked, password_set, changed,
                           moved, removed>;

// Commands.
struct register_agent { // username_taken unless it is the very same agent again (same hash)
  text username, email, number, password_hash;
  extension_id extension;
  std::string typology;
  std::vector<std::string> roles;
  bool sample = false;
};
struct note_sign_in {}; // writes only the first time; agent_unknown when absent or retired
struct retire {};       // only a sample that was never used: extension_in_use otherwise
struct revoke_token {
  std::string jti;
  time_ms expires_at = 0;
};
struct set_password { // agent_unknown when absent or retired
  text password_hash;
};
struct change { // what is not said stays; agent_unknown when absent or gone
  std::optional<text> email;
  std::optional<std::string> typology;
  std::optional<text> number; // with its extension, which the agent has claimed
  extension_id extension;
  std::optional<text> password_hash;
};
struct remove {}; // agent_unknown when it never was; gone already: nothing
struct tick {};
using command = std::variant<register_agent, note_sign_in, retire, revoke_token, set_password,
                             change, remove, tick>;

struct state {
  bool exists = false;
  bool used = false;
  bool gone = false; // retired or removed
  bool sample = false;
  text username, email, number, password_hash;
  extension_id extension;
  std::string typology;
  std::vector<std::string> roles;
  std::map<std::string, time_ms> revoked; // jti -> expiry; bounded, expired ones are dropped
  time_ms registered_at = 0;
  static constexpr auto fields = std::tuple{field{"exists", &state::exists},
                                            field{"used", &state::used},
                                            field{"gone", &state::gone},
                                            field{"sample", &state::sample},
                                            field{"username", &state::username},
                                            field{"email", &state::email},
                                            field{"number", &state::number},
                                            field{"password_hash", &state::password_hash},
                                            field{"extension", &state::extension},
                                            field{"typology", &state::typology},
                                            field{"roles", &state::roles},
                                            field{"revoked", &state::revoked},
                                            field{"registered_at", &state::registered_at}};
};
struct reply {
  bool used = false;
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);

struct spec {
  static constexpr auto kind = "agent";
  using state = agent::state;
  using command = agent::command;
  using event = agent::event;
  using reply = agent::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return agent::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return agent::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return agent::reply_to(s, c); }
  static time_ms wake_at(const state&, const context&) { return never; }
  static command tick_command() { return tick{}; }
  static bool over(const state&) { return false; }
};

} // namespace strowger::agent
