#include "observe/log.hpp"

#include "observe/lines.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

namespace strowger::log {
namespace {

// Loggers whose lines are ready made: spdlog brings the queue, the thread and the files.
struct running {
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1);
  std::shared_ptr<spdlog::async_logger> json;
  std::shared_ptr<spdlog::async_logger> text;
  bool debug = false;

  std::shared_ptr<spdlog::async_logger> logger(spdlog::sink_ptr sink) {
    auto made = std::make_shared<spdlog::async_logger>(
        "", std::move(sink), pool, spdlog::async_overflow_policy::overrun_oldest);
    made->set_pattern("%v");
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::info);
    return made;
  }
};

std::atomic<running*> current{nullptr}; // read by every write; set by start and stop only
std::unique_ptr<running> owned;

time_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

void start(const outputs& where) {
  stop();
  auto made = std::make_unique<running>();
  made->debug = where.debug;
  try {
    if (!where.file.empty())
      made->json = made->logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(where.file));
  } catch (const spdlog::spdlog_ex& e) {
    throw std::runtime_error("the log file " + where.file + " cannot be opened: " + e.what());
  }
  if (where.to_stderr) made->text = made->logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  owned = std::move(made);
  current = owned.get();
}

void stop() {
  current = nullptr;
  owned.reset(); // the pool's destructor writes what waits
}

void flush() {
  running* r = current;
  if (r == nullptr) return;
  for (const auto& logger : {r->json, r->text})
    if (logger) logger->flush();
  // A flush is queued like a line, and the pool has one thread: an empty queue that stays empty
  // through one more flush means that the one before has been carried out.
  while (r->pool->queue_size() > 0) std::this_thread::yield();
  for (const auto& logger : {r->json, r->text})
    if (logger) logger->flush();
  while (r->pool->queue_size() > 0) std::this_thread::yield();
}

void write(level how, std::string_view text, std::initializer_list<field> fields) {
  running* r = current;
  if (r == nullptr || (how == level::debug && !r->debug)) return;
  const auto at = now();
  const std::span<const field> all{fields.begin(), fields.size()};
  const auto severity = how == level::debug ? spdlog::level::debug : spdlog::level::info;
  if (r->json) r->json->log(severity, spdlog::string_view_t{json_line(at, how, text, all)});
  if (r->text) r->text->log(severity, spdlog::string_view_t{text_line(at, how, text, all)});
}

std::size_t dropped() {
  running* r = current;
  return r == nullptr ? 0 : r->pool->overrun_counter();
}

} // namespace strowger::log
