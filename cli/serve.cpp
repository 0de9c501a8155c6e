#include "actors/runtime/site.hpp"
#include "cli/banner.hpp"
#include "cli/commands.hpp"
#include "cli/http_options.hpp"
#include "cli/ports.hpp"
#include "cli/site_store.hpp"
#include "cli/worker.hpp"
#include "http/server.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "security/random.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <iostream>
#include <unistd.h>

namespace strowger::cli {
namespace {

constexpr duration_ms drain_ms = 10'000;

// Signals are read by one thread with sigwait, so no handler ever interrupts anything.
sigset_t blocked_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return set;
}

int wait_for_signal(const sigset_t& set) {
  int which = 0;
  sigwait(&set, &which);
  return which;
}

[[noreturn]] void storage_is_lost() {
  // What is in memory may say more than the disk does: die, and fold again from the log.
  std::cerr << "strowger: the log cannot be written; ending now, start again when it can\n";
  _exit(exit_storage);
}

std::vector<runtime::account> accounts_of(const config::settings& s, const std::string& admin) {
  std::vector<runtime::account> out;
  out.push_back({tenant_id{"default"},
                 "admin",
                 "admin@localhost",
                 "999",
                 admin,
                 "agent",
                 {"admin", "agent"},
                 false});
  if (!s.dev) return out;
  for (int number = 1000; number <= 1020; ++number) {
    const auto text = std::to_string(number);
    out.push_back({tenant_id{"default"},
                   text,
                   text + "@localhost",
                   text,
                   s.lan ? admin : "password",
                   "agent",
                   {"agent"},
                   true});
  }
  return out;
}

runtime::license_terms license_of(const config::settings& s) {
  return s.dev ? runtime::license_terms{"development", 50, 25} : runtime::license_terms{};
}

runtime::site_options site_options_of(const config::settings& s) {
  runtime::site_options out;
  out.ring_ms = s.ring_timeout_ms;
  out.device_grace_ms = s.device_grace_ms;
  out.session_timeout_ms = s.session_timeout_s * 1000;
  out.webrtc_enabled = s.webrtc_enabled;
  return out;
}

// Posts to the site and waits for its answer.
errc wait_for(const std::function<void(std::function<void(errc)>)>& begin) {
  auto answer = std::make_shared<std::promise<errc>>();
  auto result = answer->get_future();
  begin([answer](errc e) { answer->set_value(e); });
  return result.get();
}

std::string admin_password_of(const config::settings& s, security::random_source& random) {
  if (!s.admin_password.empty()) return s.admin_password;
  if (s.dev && !s.lan) return "password";
  return security::random_password(random);
}

errc begin(runtime::site& site, const config::settings& s, const std::string& admin) {
  auto failed = wait_for([&](auto done) { site.start(std::move(done), false); });
  if (failed == errc::ok)
    failed = wait_for(
        [&](auto done) { site.provision(accounts_of(s, admin), license_of(s), std::move(done)); });
  if (failed == errc::ok) site.open(); // not before everybody who may sign in exists
  return failed;
}

void drain(runtime::site& site, http::server& front, const sigset_t& signals) {
  log::info("draining");
  metrics::set(metrics::gauge::ready, 0);
  std::thread{[signals] { // a second signal ends at once
    wait_for_signal(signals);
    _exit(exit_ok);
  }}
      .detach();
  site.drain();
  front.drain(drain_ms);
}

void save_digest(runtime::site& site) {
  auto saved = std::make_shared<std::promise<void>>();
  site.publisher().post([&site, saved] {
    site.publisher().save_digest();
    saved->set_value();
  });
  saved->get_future().wait();
}

} // namespace

int serve(const config::settings& s, const config::loaded& l) {
  const auto signals = blocked_signals();
  log::start({s.log_file, true, s.debug});
  for (const auto& warning : l.warnings) log::warning(warning);

  security::system_random random;
  site_store disk{s.data_dir, random};
  system_clock time{disk.last_time()};
  site_ids ids{disk.keys(), random};
  argon2_passwords passwords{random};
  const auto lanes = http::make_lanes(2);
  auto publisher = std::make_shared<worker>();
  auto work = std::make_shared<worker>();

  runtime::site site{{disk.store(),
                      disk.vault(),
                      time,
                      ids,
                      passwords,
                      lanes,
                      publisher,
                      work,
                      {},
                      storage_is_lost},
                     site_options_of(s)};
  http::server front{http_options_of(s, disk.keys()), site, lanes};
  front.start();

  const auto admin = admin_password_of(s, random);
  const auto failed = begin(site, s, admin);
  if (failed == errc::ok) {
    metrics::set(metrics::gauge::ready, 1);
    print_banner(s, front.listening(), admin, disk.keys(), ids);
    wait_for_signal(signals);
    drain(site, front, signals);
  } else {
    std::cerr << "strowger: the site could not be started; see the log\n";
  }
  save_digest(site);
  disk.store().stop();
  front.stop();
  work->stop();
  publisher->stop();
  log::stop();
  return failed == errc::ok ? exit_ok : exit_software;
}

} // namespace strowger::cli
