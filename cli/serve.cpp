#include "actors/runtime/site.hpp"
#include "cli/accounts.hpp"
#include "cli/banner.hpp"
#include "cli/commands.hpp"
#include "cli/http_options.hpp"
#include "cli/media_house.hpp"
#include "cli/ports.hpp"
#include "cli/site_store.hpp"
#include "cli/stop_note.hpp"
#include "cli/worker.hpp"
#include "http/link_client.hpp"
#include "http/server.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "security/password.hpp"
#include "security/random.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <iostream>
#include <optional>
#include <sys/stat.h>
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

// What is in memory may say more than the disk does, and RocksDB must not be touched again: die,
// and fold again from the log. From any thread.
[[noreturn]] void storage_is_lost(const std::string& why) {
  static std::atomic_flag told;
  if (!told.test_and_set())
    std::cerr << "strowger: the log cannot be written" << (why.empty() ? "" : " (" + why + ")")
              << "; ending now, start again when it can" << std::endl;
  _exit(exit_storage);
}

// The picture that everybody is told from cannot be trusted any more.
void publisher_failed(const std::exception& e) {
  std::cerr << "strowger: the publisher failed (" << e.what() << "); ending now" << std::endl;
  _exit(exit_software);
}

void rows_failed(const std::exception& e) { storage_is_lost(e.what()); }
void work_failed(const std::exception& e) { log::error(std::string{"password work: "} + e.what()); }

// However serve() is left: first nobody asks any more, then nothing is written any more. Only then
// may the site go.
class closing {
public:
  closing(http::server& front, worker& work, site_store& disk, worker& publisher,
          std::atomic<bool>& closed) :
      front_(front),
      work_(work), disk_(disk), publisher_(publisher), closed_(closed) {}
  ~closing() {
    no_more_clients();
    no_more_events();
    publisher_.stop();
  }
  void no_more_clients() {
    front_.stop();
    work_.drop_and_stop();
  }
  void no_more_events() { // what the publisher still asks for is refused, and nobody minds
    closed_ = true;
    disk_.store().stop();
  }

private:
  http::server& front_;
  worker& work_;
  site_store& disk_;
  worker& publisher_;
  std::atomic<bool>& closed_;
};

// Tells the next start what must be there. Without it a stop is still a stop.
void note_stop(const std::string& data_dir, site_store& disk) {
  try {
    write_stop_note(data_dir, disk.store().durable());
  } catch (const std::exception& e) {
    log::warning(std::string{"no note of this stop: "} + e.what());
  }
}

void spare_the_next_start(site_store& disk) {
  try {
    disk.spare_the_next_start();
  } catch (const std::exception& e) {
    log::warning(std::string{"the next start will take longer: "} + e.what());
  }
}

runtime::license_terms license_of(const config::settings& s) {
  const bool own = s.dev && s.role != "slave"; // a slave has what its master gives
  return own ? runtime::license_terms{"development", 50, 25, s.license_key}
             : runtime::license_terms{};
}

// Of this very folder. A copy is another one: two must not use what was given to one.
std::string identity_of(const std::string& folder) {
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0) return {};
  return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
}

runtime::site_options site_options_of(const config::settings& s) {
  runtime::site_options out;
  out.ring_ms = s.ring_timeout_ms;
  out.device_grace_ms = s.device_grace_ms;
  out.session_timeout_ms = s.session_timeout_s * 1000;
  out.webrtc_enabled = s.webrtc_enabled;
  out.role = s.role == "master"  ? runtime::role::master
             : s.role == "slave" ? runtime::role::slave
                                 : runtime::role::standalone;
  out.lease_ms = s.lease_s * 1000;
  if (!s.license_public_key_file.empty())
    out.master_key_pem = config::read_text(s.license_public_key_file);
  out.identity = identity_of(s.data_dir);
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) out.title = host;
  return out;
}

// What licenses, leases and receipts are signed with. It stays when the data folder does.
security::statement_signer signer_of(const config::settings& s,
                                                    security::random_source& random) {
  return security::statement_signer::load_or_create(
      std::filesystem::path{s.data_dir} / "license.pem", random);
}

// A slave's way to its master, from when the site has started until nobody asks any more.
std::unique_ptr<http::link_client> link_of(const config::settings& s,
                                           const std::shared_ptr<runtime::executor>& lane,
                                           runtime::site& site, security::random_source& random) {
  if (s.role != "slave") return nullptr;
  http::link_settings how;
  how.master_url = s.license_mgmt_api_url;
  how.key = s.license_key;
  how.ca_file = s.license_ca_file;
  return std::make_unique<http::link_client>(std::move(how), lane, site, random);
}

// Posts to the site and waits for its answer.
template <class... Answer, class Begin> std::tuple<Answer...> wait_for(const Begin& begin) {
  auto answer = std::make_shared<std::promise<std::tuple<Answer...>>>();
  auto result = answer->get_future();
  begin(std::function<void(Answer...)>{
      [answer](Answer... what) { answer->set_value({std::move(what)...}); }});
  return result.get();
}

struct beginning {
  errc failed = errc::ok;
  accounts_plan accounts;
};

errc provide(runtime::site& site, const config::settings& s,
             const std::vector<runtime::account>& accounts) {
  const auto [failed] =
      wait_for<errc>([&](auto done) { site.provision(accounts, license_of(s), std::move(done)); });
  return failed;
}

beginning find_and_plan(runtime::site& site, const config::settings& s, const std::string& fresh) {
  std::vector<std::string> tried{sample_password};
  if (!s.admin_password.empty()) tried.push_back(s.admin_password);
  const auto [failed, found] = wait_for<errc, std::vector<runtime::account_found>>(
      [&](auto done) { site.find_accounts(accounts_of(s), tried, std::move(done)); });
  if (failed != errc::ok) return {failed, {}};
  return {errc::ok, plan_accounts(s, found, fresh)};
}

// The door opens when everybody who may sign in exists, and nobody with a password that must go.
beginning begin(runtime::site& site, worker& work, const config::settings& s,
                const std::string& fresh) {
  const auto open = [&] { // logins queue behind it, and none is slower for being the first
    work.post(security::prepare_passwords);
    site.open();
  };
  const auto [started] = wait_for<errc>([&](auto done) { site.start(std::move(done), false); });
  if (started != errc::ok) return {started, {}};
  if (s.dev && !s.lan && s.admin_password.empty()) { // nothing to hide: looked at behind the door
    if (const auto failed = provide(site, s, accounts_of(s)); failed != errc::ok)
      return {failed, {}};
    open();
    return find_and_plan(site, s, fresh);
  }
  auto out = find_and_plan(site, s, fresh);
  if (out.failed != errc::ok || !out.accounts.refusal.empty()) return out;
  out.failed = provide(site, s, out.accounts.make);
  if (out.failed == errc::ok) open();
  return out;
}

int exit_code_of(const beginning& begun) {
  if (begun.failed != errc::ok) {
    std::cerr << "strowger: the site could not be started; see the log\n";
    return exit_software;
  }
  if (begun.accounts.refusal.empty()) return exit_ok;
  std::cerr << begun.accounts.refusal << '\n';
  return exit_config;
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

// What the next start need not fold again.
void keep_picture(runtime::site& site, worker& keeper, worker& publisher) {
  keeper.stop();
  auto kept = std::make_shared<std::promise<void>>();
  publisher.post([&site, kept] { // behind what the keeper has just said
    site.publisher().keep_all();
    kept->set_value();
  });
  kept->get_future().wait();
}

} // namespace

int serve(const config::settings& s, const config::loaded& l) {
  const auto signals = blocked_signals();
  log::start({s.log_file, true, s.debug});
  for (const auto& warning : l.warnings) log::warning(warning);

  security::system_random random;
  const auto keys = open_keys(s.data_dir, random);
  const auto lanes = http::make_lanes(2);
  http::server front{http_options_of(s, keys), lanes};
  front.start(); // whoever asks is told that the rest is on its way

  std::atomic<bool> closed{false}; // nothing that anybody waits for is written any more
  const auto failed = [&closed](const std::string& why) {
    if (!closed) storage_is_lost(why);
  };
  site_store disk{s.data_dir, random, failed};
  system_clock time{disk.last_time()};
  linux_machine machine{identity_of(s.data_dir)};
  const auto signer = signer_of(s, random);
  site_ids ids{keys, random};
  argon2_passwords passwords{random};
  auto publisher = std::make_shared<worker>(publisher_failed);
  auto work = std::make_shared<worker>(work_failed);
  auto keeper = std::make_shared<worker>(rows_failed);

  runtime::site site{{disk.store(), disk.vault(), time, ids, passwords, lanes, publisher, work,
                      [failed] { failed({}); }, &disk.rows(), keeper, &machine,
                      &signer},
                     site_options_of(s)};
  media_house media{s, site, lanes.back()}; // sockets hold its door: they end before it
  closing all{front, *work, disk, *publisher, closed};
  front.serve(site, media.door());

  const auto link = link_of(s, lanes.front(), site, random);
  const auto begun = begin(site, *work, s, security::random_password(random));
  const auto code = exit_code_of(begun);
  if (code == exit_ok) {
    metrics::set(metrics::gauge::ready, 1);
    if (link) link->start();
    print_banner(s, front.listening(), begun.accounts, keys, ids);
    wait_for_signal(signals);
    drain(site, front, signals);
  }
  if (link) link->stop();
  all.no_more_clients();
  media.stop();
  keep_picture(site, *keeper, *publisher);
  all.no_more_events();
  note_stop(s.data_dir, disk);
  spare_the_next_start(disk);
  publisher->stop();
  log::stop();
  return code;
}

} // namespace strowger::cli
