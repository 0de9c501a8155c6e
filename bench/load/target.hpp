// The server that a benchmark talks to: Strowger, or a peer that does the same work.
#pragma once

#include "bench/load/folder.hpp"
#include "bench/load/process.hpp"
#include "bench/load/socket.hpp"
#include "bench/support/measure.hpp"

#include <memory>
#include <string>
#include <vector>

namespace strowger::load {

// plain: the native texts, without signing in
enum class wire { native, plain, socketio, janus };

struct target_options {
  std::string name = "strowger"; // or the name of a peer: beast, ws, socketio, janus
  std::string work = "front";    // which peer program: <work>_<name>; Janus has one
  std::string binary;            // of Strowger; empty: the one of our own build
  std::string data;              // an existing folder; empty: a new one
  std::string folder;            // where a new one is made; empty: below TMPDIR or /var/tmp
  std::size_t devices = 0;       // extensions that are made in a new one
  int ready_ms = 60'000;         // how long the start may take
};

// --target, --binary, --data and --folder.
target_options target_of(const bench::arguments& how, const std::string& work, std::size_t devices);

class target {
public:
  // Starts it and waits until it serves. Throws std::runtime_error with a sentence.
  explicit target(target_options o);

  const std::string& name() const { return options_.name; }
  wire speaks() const { return wire_; }
  const address& at() const { return at_; }
  process& running() { return process_; }
  std::string data() const { return options_.data; }
  // How device `index` connects: the request's target and its header lines.
  std::string path_of(std::size_t index) const;
  std::string fields_of(std::size_t index) const;

  void start(); // again, after process::kill9 or end: the same port and folder

private:
  std::vector<std::string> command() const;

  target_options options_;
  wire wire_ = wire::plain;
  address at_;
  std::unique_ptr<temporary_folder> folder_;
  std::unique_ptr<token_maker> tokens_;
  process process_;
};

} // namespace strowger::load
