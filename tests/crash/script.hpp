// Test only: a scripted call between phones of a simulated world, told step by step, that can be
// interrupted by a crash at any append and goes on as people do: they come back and ask again.
#pragma once

#include "tests/support/sim_client.hpp"

namespace strowger::sim {

// Where the server dies: around the append with this number (from 1) of the scripted part.
struct death {
  std::size_t append = 0; // 0: never
  bool written = false;   // the append is on the disk, but nobody was told
};

struct record_of_call { // what the history must say; times are seconds of the script
  std::string caller, callee, state, cause, transferred_to, answered_by;
  std::int64_t started_s = 0, answered_s = 0, ended_s = 0, duration_s = 0;
  auto operator<=>(const record_of_call&) const = default;
};

struct told {
  std::string broken;      // a broken promise, or the step that could not be done
  std::size_t appends = 0; // of the scripted part
  std::vector<record_of_call> history;
};

class stage;
using script = void (*)(stage&);

told tell(script what, death when, std::uint64_t seed = 1);

// What a script may do. Every step starts on a second of its own and ends when its command has
// been answered, crash or not.
class stage {
public:
  stage(death when, std::uint64_t seed);

  sim_client& phone(const std::string& name) { return *phones_.at(name); }
  void dial(const std::string& who, const std::string& target);
  void act(const std::string& who, request::call_action what);                       // in the call
  void say(const std::string& who, enum session_words::kind kind, const char* text); // REST
  void wait_s(std::int64_t seconds);
  void expect_told(const std::string& who, bool in_call); // believes to be in the call or not
  told end();

private:
  void expect_ok(const std::string& who, const std::string& what, const std::string& command);
  void step_until(const std::string& what, const std::function<bool()>& done);
  void everybody_comes_back();
  void one_step();
  void die();
  void next_second();
  void to_next_second();
  void pass_until(time_ms end);

  sim_world world_;
  death when_;
  std::map<std::string, std::unique_ptr<sim_client>> phones_;
  call_id call_;
  time_ms start_ = 0;
  std::size_t before_ = 0; // appends of the preparation
  bool died_ = false;
};

} // namespace strowger::sim
