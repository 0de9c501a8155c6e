// The steps of `strowger doctor` and what they share. Each step prints one line:
// `ok|failed|skipped  <step>: <a sentence that says what is wrong and what to do>`.
#pragma once

#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "protocol/value.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::cli {

inline constexpr duration_ms step_limit_ms = 5'000;

// What doctor() does, with the output and the limit of each step as arguments.
int examine(const doctor_options& wanted, std::ostream& out, duration_ms step_ms = step_limit_ms);

namespace examination {

class report {
public:
  explicit report(std::ostream& out) : out_(out) {}

  bool ok(std::string_view step, std::string_view sentence);      // true
  bool failed(std::string_view step, std::string_view sentence);  // false
  bool skipped(std::string_view step, std::string_view sentence); // false
  bool anything_failed() const { return failed_; }

private:
  void line(std::string_view verdict, std::string_view step, std::string_view sentence);

  std::ostream& out_;
  bool failed_ = false;
};

struct patient { // what the steps find out on their way
  doctor_options wanted;
  http_client web;
  report say;

  bool samples = false; // nobody was named: the sample administrator of --dev is tried
  std::string token;
  bool signed_in = false; // by this run: the token is given back at the end
  std::string number;     // of the own extension
  protocol::value login;  // the reply; null with a token from outside
  protocol::value ice;    // what browsers would get: {iceServers, iceTransportPolicy}
  std::string resume;     // "&resume=...&position=..." of the closed first connection
};

// Each true when the steps after it make sense.
bool check_address(patient& p);
bool check_tls(patient& p);
bool check_health(patient& p);
bool check_ready(patient& p);
// Without credentials: those of the sample administrator, where the server looks like --dev.
void use_samples(patient& p);
bool check_login(patient& p);
bool check_token(patient& p);
bool check_seat(patient& p);
void sign_out(patient& p);

bool check_web_socket(patient& p);
// The extension's row while a connection is open, then the call to *43.
void check_extension_and_echo(patient& p);

void check_ice(patient& p); // the list, then every STUN and TURN server of it

// What a step says of an answer that is not 200: the server's own words.
std::string words_of(const http_answer& answer);
// ... and of a connection that broke.
std::string words_of(const fault& why, const patient& p);
protocol::value json_of(std::string_view text); // null when it is none
// Members on the way down; "" or null where there is none of that type.
std::string text_at(const protocol::value& root, std::initializer_list<std::string_view> path);
const protocol::value* at(const protocol::value& root,
                          std::initializer_list<std::string_view> path);

} // namespace examination
} // namespace strowger::cli
