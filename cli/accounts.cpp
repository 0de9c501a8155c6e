#include "cli/accounts.hpp"

#include <algorithm>

namespace strowger::cli {
namespace {

using whose = runtime::account_found::whose;

constexpr int first_sample = 1000, last_sample = 1020;
constexpr auto set_earlier = "the password that an earlier start set (ADMIN_PASSWORD=... sets "
                             "another)";

// What an account gets when it is made, or when its password must go.
std::string wanted_password(const config::settings& s, bool sample, const std::string& fresh) {
  if (s.dev && !s.lan && (sample || s.admin_password.empty())) return sample_password;
  if (sample && !s.dev) return fresh; // nobody is told: it is locked
  return s.admin_password.empty() ? fresh : s.admin_password;
}

bool must_change(const config::settings& s, bool sample, const std::string& password) {
  const bool chosen = !s.admin_password.empty();
  if (password == sample_password) return !s.dev || s.lan || (chosen && !sample);
  return chosen && password != s.admin_password && (s.dev || !sample);
}

// "1000 to 1004, 1006": user names that follow one another, in a few words.
std::string in_words(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size();) {
    auto end = i + 1;
    while (end < names.size() && names[end].size() == 4 && names[end - 1].size() == 4 &&
           std::stoi(names[end]) == std::stoi(names[end - 1]) + 1)
      ++end;
    out += (out.empty() ? "" : ", ") + names[i];
    if (end - i > 1) out += (end - i > 2 ? " to " : ", ") + names[end - 1];
    i = end;
  }
  return out;
}

std::string refusal_for(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  return "Everybody knows the password of " + in_words(names) +
         " in this data folder: it was made with --dev. Set ADMIN_PASSWORD, which gives admin that "
         "password and locks the sample agents, or name another folder with --data.";
}

} // namespace

std::vector<runtime::account> accounts_of(const config::settings& s) {
  const tenant_id home{"default"};
  std::vector<runtime::account> out{
      {home, "admin", "admin@localhost", "999", {}, "agent", {"admin", "agent"}, false}};
  for (int number = first_sample; number <= last_sample; ++number) {
    const auto text = std::to_string(number);
    out.push_back({home, text, text + "@localhost", text, {}, "agent", {"agent"}, true});
  }
  for (auto& a : out) a.password = wanted_password(s, a.sample, {});
  return out;
}

accounts_plan plan_accounts(const config::settings& s,
                            const std::vector<runtime::account_found>& found,
                            const std::string& fresh) {
  accounts_plan out;
  std::vector<std::string> known_to_all;
  auto wanted = accounts_of(s);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& a = wanted[i];
    const auto& now = found.at(i);
    if (now.is == whose::somebody_elses) continue;
    if (now.is == whose::nobodys && a.sample && !s.dev) continue;
    a.password = wanted_password(s, a.sample, fresh);
    a.set_password = now.is == whose::ours && must_change(s, a.sample, now.password);
    if (a.set_password && !s.dev && now.password == sample_password)
      known_to_all.push_back(a.username);
    const bool ours_to_tell = now.is == whose::nobodys || a.set_password;
    out.promises.push_back({a.username, ours_to_tell ? a.password : now.password});
    if (ours_to_tell) out.make.push_back(std::move(a));
  }
  if (s.admin_password.empty()) out.refusal = refusal_for(known_to_all);
  return out;
}

std::string sign_in_text(const config::settings& s, const accounts_plan& plan) {
  const auto line = [](const std::string& who, const std::string& password) {
    return "  " + who + (password.empty() ? ": " : " / ") +
           (password.empty() ? std::string{set_earlier} : password);
  };
  std::string out;
  std::vector<std::pair<std::string, std::vector<std::string>>> samples; // by password
  for (const auto& [username, password] : plan.promises) {
    if (username == "admin") {
      const bool chosen = !s.dev && !s.admin_password.empty(); // whoever set it knows it
      if (!chosen) out += line("admin", password) + (s.dev ? " (extension 999)\n" : "\n");
      continue;
    }
    const auto same = std::ranges::find(samples, password, [](const auto& p) { return p.first; });
    if (same == samples.end())
      samples.push_back({password, {username}});
    else
      same->second.push_back(username);
  }
  if (!s.dev) return out; // samples are locked there
  for (const auto& [password, names] : samples)
    out +=
        line(in_words(names), password) + (password.empty() ? "\n" : " (user name = extension)\n");
  return out;
}

} // namespace strowger::cli
