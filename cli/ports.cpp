#include "cli/ports.hpp"

#include "security/digest.hpp"
#include "security/password.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

namespace strowger::cli {

time_ms wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

namespace {

std::int64_t since_boot_ms() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

} // namespace

system_clock::system_clock(time_ms not_before) :
    start_(std::max(wall_clock(), not_before)), since_(since_boot_ms()) {}

time_ms system_clock::now() { return start_ + since_boot_ms() - since_; }

linux_machine::linux_machine(std::string identity) {
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> boot_; // none: leases end with the process
  if (!boot_.empty()) boot_ += " " + std::move(identity);
}
std::int64_t linux_machine::boot_ms() { return since_boot_ms(); }

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
