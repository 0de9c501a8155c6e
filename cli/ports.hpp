// The real world behind the runtime's ports: clock, ids, passwords.
#pragma once

#include "actors/runtime/ports.hpp"
#include "security/keys.hpp"

#include <cstdint>
#include <string>

namespace strowger::cli {

// Wall clock at start (or the log's last time when the wall clock is behind it), then steady time,
// which goes on while the machine sleeps.
class system_clock final : public runtime::clock {
public:
  explicit system_clock(time_ms not_before);
  time_ms now() override;

private:
  time_ms start_;
  std::int64_t since_;
};

class linux_machine final : public runtime::machine_clock {
public:
  explicit linux_machine(std::string identity); // of the data folder: a copy of it wakes no lease
  std::string boot() override { return boot_; }
  std::int64_t boot_ms() override;

private:
  std::string boot_;
};

time_ms wall_clock(); // now, for what is not shard time: tokens, certificates

class site_ids final : public runtime::id_source {
public:
  site_ids(const security::site_keys& keys, security::random_source& random) :
      keys_(keys), random_(random) {}
  std::string digest(std::initializer_list<std::string_view> parts) override;
  std::string random() override;

private:
  const security::site_keys& keys_;
  security::random_source& random_;
};

class argon2_passwords final : public runtime::password_port {
public:
  explicit argon2_passwords(security::random_source& random) : random_(random) {}
  std::string hash(std::string_view password) override;
  bool verify(std::string_view hash, std::string_view password) override;

private:
  security::random_source& random_;
};

} // namespace strowger::cli
