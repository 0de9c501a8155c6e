// What the benchmark programs share: arguments, percentiles, memory and disk, and one line per
// measurement: a JSON object with --json, words without.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace strowger::bench {

using steady = std::chrono::steady_clock;

inline std::uint64_t nanoseconds_since(steady::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - start).count());
}
inline double seconds_since(steady::time_point start) {
  return std::chrono::duration<double>(steady::now() - start).count();
}

// --name value ... and --flag
class arguments {
public:
  arguments(int count, char** words) : words_(words + 1, words + count) {}

  bool has(std::string_view name) const { return at(name) < words_.size(); }
  std::string text(std::string_view name, std::string otherwise) const {
    const auto i = at(name);
    return i + 1 < words_.size() ? words_[i + 1] : otherwise;
  }
  double number(std::string_view name, double otherwise) const {
    const auto found = text(name, {});
    return found.empty() ? otherwise : std::stod(found);
  }
  std::size_t count(std::string_view name, std::size_t otherwise) const {
    return static_cast<std::size_t>(number(name, static_cast<double>(otherwise)));
  }

private:
  std::size_t at(std::string_view name) const {
    std::size_t i = 0;
    while (i < words_.size() && words_[i] != name) ++i;
    return i;
  }
  std::vector<std::string> words_;
};

// Counts of times with a resolution of 1.6 %; cheap enough for every command.
class percentiles {
public:
  void add(std::uint64_t ns) {
    ++counts_[bucket(ns)];
    ++total_;
  }
  void add_since(steady::time_point start) { add(nanoseconds_since(start)); }
  std::uint64_t total() const { return total_; }
  double us(double part) const { // the upper end of its bucket
    const auto rank = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) >= rank && seen > 0) return static_cast<double>(end_of(i)) / 1000.0;
    return 0;
  }

private:
  static constexpr std::size_t fine = 64; // buckets in each power of two
  static std::size_t bucket(std::uint64_t ns) {
    if (ns < fine) return ns;
    const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 6; // from 1 on
    const auto i = power * fine + static_cast<std::size_t>((ns >> (power - 1)) - fine);
    return std::min(i, buckets - 1);
  }
  static std::uint64_t end_of(std::size_t i) {
    if (i < fine) return i;
    const auto power = i / fine;
    return ((fine + i % fine + 1) << (power - 1)) - 1;
  }
  static constexpr std::size_t buckets = 40 * fine;
  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t total_ = 0;
};

// One measurement.
class line {
public:
  line& with(std::string_view name, double value) {
    char text[64];
    const bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
    std::snprintf(text, sizeof text, whole ? "%.0f" : "%.3f", value);
    json_ += (json_.empty() ? "{\"" : ", \"") + std::string{name} + "\": " + text;
    words_ += (words_.empty() ? "" : ", ") + std::string{name} + " " + text;
    return *this;
  }
  line& with(const percentiles& times) {
    if (times.total() == 0) return *this;
    return with("p50_us", times.us(0.5))
        .with("p99_us", times.us(0.99))
        .with("p999_us", times.us(0.999));
  }
  void print(const arguments& how) const {
    std::printf("%s\n", how.has("--json") ? (json_ + "}").c_str() : words_.c_str());
    std::fflush(stdout);
  }

private:
  std::string json_, words_;
};

inline double resident_bytes() { // after what malloc keeps was given back
  ::malloc_trim(0);
  std::ifstream file{"/proc/self/statm"};
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

inline double cpu_seconds() { // of all threads of this process
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

inline double written_bytes() { // by this process to the device, as the kernel counts
  std::ifstream file{"/proc/self/io"};
  std::string name;
  double value = 0;
  while (file >> name >> value)
    if (name == "write_bytes:") return value;
  return 0;
}

// Disk blocks of all files below, 0 for a folder that is not there. With `suffix`: the lengths of
// those whose name ends so.
inline double folder_bytes(const std::string& folder, std::string_view suffix = {}) {
  double out = 0;
  std::error_code gone;
  const auto any = std::filesystem::directory_options::skip_permission_denied;
  for (std::filesystem::recursive_directory_iterator it{folder, any, gone}, end; it != end;
       it.increment(gone)) {
    struct stat file {};
    if (::lstat(it->path().c_str(), &file) != 0 || !S_ISREG(file.st_mode)) continue;
    if (suffix.empty())
      out += static_cast<double>(file.st_blocks) * 512.0;
    else if (it->path().native().ends_with(suffix))
      out += static_cast<double>(file.st_size);
  }
  return out;
}

// main() of a benchmark: what it throws is said in a sentence.
template <class Run> int guarded(int count, char** words, Run run) {
  try {
    run(arguments{count, words});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", words[0], error.what());
    return 1;
  }
}

} // namespace strowger::bench
