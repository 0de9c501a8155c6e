#include "cli/ports.hpp"

#include "security/digest.hpp"
#include "security/password.hpp"

#include <algorithm>

namespace strowger::cli {

time_ms wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

system_clock::system_clock(time_ms not_before) :
    start_(std::max(wall_clock(), not_before)), since_(std::chrono::steady_clock::now()) {}

time_ms system_clock::now() {
  using namespace std::chrono;
  return start_ + duration_cast<milliseconds>(steady_clock::now() - since_).count();
}

std::string site_ids::digest(std::initializer_list<std::string_view> parts) {
  return security::keyed_digest(keys_.directory, parts);
}
std::string site_ids::random() { return security::random_id(random_); }

std::string argon2_passwords::hash(std::string_view password) {
  return security::hash_password(password, random_);
}
bool argon2_passwords::verify(std::string_view hash, std::string_view password) {
  return security::verify_password(hash, password);
}

} // namespace strowger::cli
