#include "observe/log.hpp"

#include "observe/lines.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace strowger::log {
namespace {

// Who writes a line must not pay for it: lines wait as they are, and a thread that gives them this
// long to become many makes text of them and hands them to the system in one piece.
constexpr auto gathering = std::chrono::milliseconds{5};

struct kept_field {
  std::string key;
  std::variant<std::string, std::int64_t, bool> value;

  field shown() const {
    return std::visit([this](const auto& v) { return field{key, v}; }, value);
  }
};

struct line {
  time_ms at = 0;
  level how = level::info;
  std::string text;
  std::vector<kept_field> fields;
};

kept_field kept(const field& f) {
  kept_field out{std::string{f.key}, {}};
  if (const auto* words = std::get_if<std::string_view>(&f.value))
    out.value = std::string{*words};
  else if (const auto* flag = std::get_if<bool>(&f.value))
    out.value = *flag;
  else
    out.value = std::get<std::int64_t>(f.value);
  return out;
}

time_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class writer {
public:
  explicit writer(const outputs& where) : debug_(where.debug) {
    if (!where.file.empty()) json_ = sink<spdlog::sinks::basic_file_sink_mt>(where.file);
    if (where.to_stderr) text_ = sink<spdlog::sinks::stderr_sink_mt>();
    thread_ = std::thread{[this] { run(); }};
  }
  ~writer() {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  bool wants(level how) const { return how != level::debug || debug_; }

  void add(line what) {
    bool wake = false;
    {
      std::lock_guard lock{mutex_};
      if (waiting_.size() >= queue_lines_max) {
        waiting_.pop_front();
        dropped_.fetch_add(1, std::memory_order_relaxed);
      }
      waiting_.push_back(std::move(what));
      ++added_;
      wake = std::exchange(asleep_, false);
    }
    if (wake) changed_.notify_all();
  }
  void flush() {
    std::unique_lock lock{mutex_};
    const auto all = added_;
    in_a_hurry_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return written_ >= all; });
  }
  std::size_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
  template <class Sink, class... Args> static spdlog::sink_ptr sink(Args... args) {
    auto made = std::make_shared<Sink>(std::move(args)...);
    made->set_pattern("%v");
    return made;
  }

  void run() {
    std::unique_lock lock{mutex_};
    while (!stopping_ || !waiting_.empty()) {
      asleep_ = waiting_.empty();
      changed_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
      asleep_ = false;
      changed_.wait_for(lock, gathering, [&] { return stopping_ || in_a_hurry_; });
      in_a_hurry_ = false;
      const auto taken = std::exchange(waiting_, {});
      const auto up_to = added_;
      lock.unlock();
      write(taken);
      lock.lock();
      written_ = up_to;
      changed_.notify_all();
    }
  }

  void write(const std::deque<line>& lines) {
    if (json_) put(*json_, lines, json_line);
    if (text_) put(*text_, lines, text_line);
  }
  template <class Render>
  void put(spdlog::sinks::sink& to, const std::deque<line>& lines, Render render) {
    std::string all;
    std::vector<field> fields;
    for (const auto& l : lines) {
      fields.clear();
      for (const auto& f : l.fields) fields.push_back(f.shown());
      if (!all.empty()) all += '\n';
      all += render(l.at, l.how, l.text, fields);
    }
    if (all.empty()) return;
    try { // a log on a full disk must not end what it tells of
      to.log({"", spdlog::level::info, all});
      to.flush();
    } catch (const spdlog::spdlog_ex&) {
      dropped_.fetch_add(lines.size(), std::memory_order_relaxed);
    }
  }

  const bool debug_;
  spdlog::sink_ptr json_, text_;
  std::mutex mutex_; // of the rest, but for dropped_
  std::condition_variable changed_;
  std::deque<line> waiting_;
  std::uint64_t added_ = 0, written_ = 0;
  bool asleep_ = false, in_a_hurry_ = false, stopping_ = false;
  std::atomic<std::size_t> dropped_{0};
  std::thread thread_;
};

std::atomic<writer*> current{nullptr}; // read by every write; set by start and stop only
std::unique_ptr<writer> owned;

} // namespace

void start(const outputs& where) {
  stop();
  try {
    owned = std::make_unique<writer>(where);
  } catch (const spdlog::spdlog_ex& e) {
    throw std::runtime_error("the log file " + where.file + " cannot be opened: " + e.what());
  }
  current = owned.get();
}

void stop() {
  current = nullptr;
  owned.reset(); // writes what waits
}

void flush() {
  if (writer* to = current) to->flush();
}

void write(level how, std::string_view text, std::initializer_list<field> fields) {
  writer* to = current;
  if (to == nullptr || !to->wants(how)) return;
  line what{now(), how, std::string{text}, {}};
  what.fields.reserve(fields.size());
  for (const auto& f : fields) what.fields.push_back(kept(f));
  to->add(std::move(what));
}

std::size_t dropped() {
  const writer* to = current;
  return to == nullptr ? 0 : to->dropped();
}

} // namespace strowger::log
