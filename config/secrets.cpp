#include "config/secrets.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace strowger::config {
namespace {

// Texts people copy from guides, ours included; a secret that contains one is public.
constexpr std::array<std::string_view, 12> sample_parts = {
    "mayday-super-secret", "super-secret", "supersecret", "change-me", "changeme",
    "change_me",           "your-",        "your_",       "example",   "replace",
    "jwt-secret",          "webrtc123"};
// Too short to search for inside a random text.
constexpr std::array<std::string_view, 10> sample_words = {
    "amp111", "password", "secret",   "admin", "webrtc",
    "test",   "strowger", "asterisk", "1234",  "123456"};

bool is_sample(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::any_of(sample_parts, [&](auto p) { return text.find(p) != text.npos; }) ||
         std::ranges::any_of(sample_words, [&](auto w) { return text == w; });
}

bool repeats_itself(const std::string& text) {
  return std::set<char>(text.begin(), text.end()).size() < 8;
}

// Empty: fine. `from` is where to set it: "auth.jwt_secret (JWT_SECRET)".
std::string objection(const std::string& from, const std::string& secret, std::size_t bytes_min) {
  if (is_sample(secret)) return from + " is a sample that stands in documents: make a random one.";
  if (secret.size() < bytes_min)
    return from + " is too short: it needs " + std::to_string(bytes_min) + " bytes or more.";
  if (bytes_min > 0 && repeats_itself(secret))
    return from + " is too simple: make a random one, for example with openssl rand -base64 33.";
  return "";
}

} // namespace

std::vector<std::string> refused_secrets(const settings& s) {
  std::vector<std::string> refused;
  if (s.dev && !s.lan) return refused;
  const auto look = [&](const char* from, const std::string& secret, std::size_t bytes_min) {
    if (secret.empty()) return;
    if (auto why = objection(from, secret, bytes_min); !why.empty())
      refused.push_back(std::move(why));
  };
  if (s.jwt_secret.empty() && !s.dev)
    refused.push_back("auth.jwt_secret (JWT_SECRET) is not set: a server without --dev has no "
                      "default secret; make one, for example with openssl rand -base64 33.");
  look("auth.jwt_secret (JWT_SECRET)", s.jwt_secret, jwt_secret_bytes_min);
  look("auth.admin_password (ADMIN_PASSWORD)", s.admin_password, admin_password_bytes_min);
  if (s.dev) return refused; // what other machines are asked with is theirs to refuse
  look("turn.secret (TURN_SECRET)", s.turn_secret, turn_secret_bytes_min);
  look("asterisk.ami_secret (AMI_SECRET)", s.ami_secret, 0); // another system chose its length
  for (const auto& server : s.turn_servers)
    look("features.webrtc.turn_servers (TURN_PASSWORD)", server.credential, 0);
  return refused;
}

} // namespace strowger::config
