// Who may sign in when the server opens: which accounts `serve` makes, which passwords it replaces,
// when it refuses to start, and what its banner may promise. Pure.
#pragma once

#include "actors/runtime/site.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace strowger::cli {

inline constexpr auto sample_password = "password"; // of --dev, on this machine only

// The admin and the sample agents; outside --dev the samples are only looked for.
std::vector<runtime::account> accounts_of(const config::settings& s);

struct accounts_plan {
  std::vector<runtime::account> make; // for site::provision
  std::string refusal;                // why the server must not open; empty: it may
  struct promise {
    std::string username, password; // empty: an earlier start set it, nobody here knows it
  };
  std::vector<promise> promises; // of the accounts that will be there
};

// `found` answers accounts_of(s) with the passwords {sample_password, s.admin_password}; `fresh` is
// a random password that is used where one is needed. The network never sees the sample password:
// with --lan it is replaced, outside --dev the start is refused unless ADMIN_PASSWORD is set.
accounts_plan plan_accounts(const config::settings& s,
                            const std::vector<runtime::account_found>& found,
                            const std::string& fresh);

// "  admin / ..." and so on, one line per password; nothing that does not sign in.
std::string sign_in_text(const config::settings& s, const accounts_plan& plan);

} // namespace strowger::cli
