// The load of the durable benchmarks: N commands in flight, round robin over M licenses. Each
// command changes the license, so each writes one event; each has an id of its own.
#pragma once

#include "actors/license/license.hpp"
#include "bench/support/license_question.hpp"
#include "bench/support/measure.hpp"

namespace strowger::bench {

struct one_command {
  std::size_t actor = 0;
  license::issue what;
  command_id id;
};

// One thread at a time.
class command_source {
public:
  explicit command_source(const arguments& how) :
      in_flight(how.count("--in-flight", 1024)), seconds(how.number("--seconds", 1)),
      ids(actor_ids(how.count("--actors", 10'000))) {}

  one_command next() {
    one_command out;
    out.actor = made_ % ids.size();
    const auto seats = static_cast<std::uint32_t>(1 + made_ / ids.size() % 1'000'000);
    out.what = {"bench", seats, seats, true, never};
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(made_),
                  static_cast<unsigned long long>(made_ * 0x9e3779b97f4a7c15ull));
    out.id = command_id{text};
    ++made_;
    return out;
  }

  const std::size_t in_flight;
  const double seconds;
  const std::vector<std::string> ids;

private:
  std::size_t made_ = 0;
};

} // namespace strowger::bench
