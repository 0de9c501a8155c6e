#include "protocol/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace strowger::protocol {
namespace {

constexpr time_ms day_ms = 86'400'000;
constexpr time_ms first_ms = -62'167'219'200'000; // 0000-01-01
constexpr time_ms last_ms = 253'402'300'799'999;  // 9999-12-31T23:59:59.999

struct reader {
  std::string_view text;
  bool ok = true;

  int digits(std::size_t count) {
    if (text.size() < count) ok = false;
    int out = 0;
    for (std::size_t i = 0; ok && i < count; ++i) {
      ok = text[i] >= '0' && text[i] <= '9';
      out = out * 10 + (text[i] - '0');
    }
    if (ok) text.remove_prefix(count);
    return out;
  }
  char one_of(std::string_view set) {
    if (text.empty() || set.find(text[0]) == std::string_view::npos) {
      ok = false;
      return 0;
    }
    const char found = text[0];
    text.remove_prefix(1);
    return found;
  }
  int fraction_ms() {
    if (text.empty() || text[0] != '.') return 0;
    text.remove_prefix(1);
    int out = 0, count = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++count)
      if (count < 3) out = out * 10 + (text[0] - '0');
    ok = ok && count >= 1 && count <= 9;
    for (; count < 3; ++count) out *= 10;
    return out;
  }
};

} // namespace

std::string rfc3339(time_ms at) {
  using namespace std::chrono;
  at = std::clamp(at, first_ms, last_ms);
  const sys_time<milliseconds> point{milliseconds{at}};
  const auto midnight = floor<days>(point);
  const year_month_day date{midnight};
  const auto rest = (point - midnight).count();
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(rest / 3'600'000),
                static_cast<int>(rest / 60'000 % 60), static_cast<int>(rest / 1000 % 60),
                static_cast<int>(rest % 1000));
  return out;
}

bool parse_rfc3339(std::string_view text, time_ms& out) {
  using namespace std::chrono;
  reader in{text};
  const int y = in.digits(4);
  in.one_of("-");
  const int mo = in.digits(2);
  in.one_of("-");
  const int d = in.digits(2);
  in.one_of("Tt ");
  const int h = in.digits(2);
  in.one_of(":");
  const int mi = in.digits(2);
  in.one_of(":");
  const int s = in.digits(2);
  const int ms = in.fraction_ms();
  const char zone = in.one_of("Zz+-");
  int offset_min = 0;
  if (zone == '+' || zone == '-') {
    const int oh = in.digits(2);
    in.one_of(":");
    const int om = in.digits(2);
    if (oh > 23 || om > 59) return false;
    offset_min = (oh * 60 + om) * (zone == '+' ? 1 : -1);
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!in.ok || !in.text.empty() || !date.ok() || h > 23 || mi > 59 || s > 60) return false;
  const time_ms midnight = sys_days{date}.time_since_epoch().count() * day_ms;
  out = midnight + ((h * 60 + mi - offset_min) * 60LL + std::min(s, 59)) * 1000 + ms;
  return true;
}

} // namespace strowger::protocol
