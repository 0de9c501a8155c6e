// Test helper: a data folder that stores are opened on, and a process to kill.
#pragma once

#include "storage/rocks_store.hpp"
#include "storage/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace strowger::storage {

inline security::system_random& random_bytes() {
  static security::system_random source;
  return source;
}

struct rocks_test_disk {
  using store = rocks_store;
  temporary_folder folder;
  std::unique_ptr<store> open(std::size_t waiting_max = 100'000, std::size_t index_runs_max = 50) {
    rocks_options options;
    options.path = folder.path();
    options.waiting_max = waiting_max;
    options.index_runs_max = index_runs_max; // small: the files are used in every test
    options.heads_max = 8;                   // small: most heads are read through the index
    return std::make_unique<store>(options, random_bytes());
  }
};

// Runs `work` in a child process that gets the writing end of a pipe; returns pid and reading end.
inline std::pair<pid_t, int> in_a_child(const std::function<void(int)>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  return {child, ends[0]};
}

inline std::size_t count_from(event_store& store) {
  std::size_t found = 0;
  for (position from = 1;;) {
    const auto page = store.read_log(from, 1000);
    if (page.empty()) return found;
    for (const auto& r : page) EXPECT_EQ(r.at, ++found);
    from = page.back().at + 1;
  }
}

} // namespace strowger::storage
