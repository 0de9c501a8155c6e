// The program around a target:
//   fuzz_<name> [--executions N] [--seconds S] [--seed S] [--bytes N] [--corpus FOLDER] [FILE ...]
// Without FILE it changes the files of its corpus at random, until N executions or S seconds are
// over; with FILE it runs those inputs as they are. What fails is written to fuzz_<name>.failed.
// A broken promise, a crash, a report of a sanitizer and an input that takes 10 s end it with 1.
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/mutate.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/time.h>
#include <unistd.h>

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace strowger::fuzz {
namespace {

const buffer* running = nullptr; // the input that is being read
volatile std::uint64_t executions = 0;
std::uint64_t seen_by_clock = ~0ULL;
unsigned long long seed = 1;

constexpr auto failed_file = "fuzz_" FUZZ_NAME ".failed";

void keep_input() {
  if (!running) return;
  const int to = ::open(failed_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  [[maybe_unused]] const auto written = ::write(to, running->data(), running->size());
  ::close(to);
  std::fprintf(stderr, "%s: seed %llu, execution %llu; the input is in %s\n", FUZZ_NAME, seed,
               static_cast<unsigned long long>(executions), failed_file);
}

void on_signal(int what) {
  std::fprintf(stderr, "%s: %s\n", FUZZ_NAME, strsignal(what));
  keep_input();
  ::_exit(1);
}

void on_clock(int) {
  if (executions != seen_by_clock) {
    seen_by_clock = executions;
    return;
  }
  std::fprintf(stderr, "%s: one input takes 10 s\n", FUZZ_NAME);
  keep_input();
  ::_exit(1);
}

buffer read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error{"cannot read " + path.string()};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void run(const buffer& input) {
  const std::unique_ptr<std::uint8_t[]> exact{new std::uint8_t[input.size()]};
  if (!input.empty()) std::memcpy(exact.get(), input.data(), input.size());
  running = &input;
  one({exact.get(), input.size()});
  running = nullptr;
  executions = executions + 1;
}

void watch() {
  for (const int what : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    if (!__sanitizer_set_death_callback || what == SIGABRT) std::signal(what, on_signal);
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(keep_input);
  std::signal(SIGALRM, on_clock);
  const itimerval every{{10, 0}, {10, 0}};
  ::setitimer(ITIMER_REAL, &every, nullptr);
}

int main(int count, char** words) {
  std::uint64_t wanted = ~0ULL;
  double seconds = 0;
  std::size_t bytes_max = 4096;
  std::filesystem::path corpus = FUZZ_CORPUS;
  std::vector<buffer> given;
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    const auto value = [&] { return ++i < count ? words[i] : ""; };
    if (name == "--executions")
      wanted = std::strtoull(value(), nullptr, 10);
    else if (name == "--seconds")
      seconds = std::strtod(value(), nullptr);
    else if (name == "--seed")
      seed = std::strtoull(value(), nullptr, 10);
    else if (name == "--bytes")
      bytes_max = std::strtoull(value(), nullptr, 10);
    else if (name == "--corpus")
      corpus = value();
    else
      given.push_back(read_file(name));
  }
  if (wanted == ~0ULL && seconds == 0) wanted = 100'000;
  watch();
  for (const auto& input : given) run(input);
  std::vector<buffer> inputs;
  std::vector<std::filesystem::path> paths;
  if (given.empty())
    for (const auto& file : std::filesystem::directory_iterator{corpus}) paths.push_back(file);
  std::ranges::sort(paths); // the same seed, the same inputs
  for (const auto& path : paths) inputs.push_back(read_file(path));
  for (const auto& input : inputs) run(input);
  mutator from{seed, std::move(inputs), bytes_max};
  const auto began = std::chrono::steady_clock::now();
  double took = 0;
  while (given.empty() && executions < wanted) {
    run(from.next());
    if (executions % 256 != 0) continue;
    took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (seconds > 0 && took >= seconds) break;
  }
  std::printf("%s_executions=%llu\n", FUZZ_NAME, static_cast<unsigned long long>(executions));
  return 0;
}

} // namespace

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s: broken: %s\n", FUZZ_NAME, what);
  keep_input();
  ::_exit(1);
}

} // namespace strowger::fuzz

int main(int count, char** words) {
  try {
    return strowger::fuzz::main(count, words);
  } catch (const std::exception& e) { // none may leave a decoder
    std::fprintf(stderr, "%s: %s\n", FUZZ_NAME, e.what());
    strowger::fuzz::keep_input();
    return 1;
  }
}
