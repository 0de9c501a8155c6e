#include "bench/load/folder.hpp"

#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "cli/ports.hpp"
#include "cli/site_store.hpp"
#include "security/token.hpp"
#include "storage/codec.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace strowger::load {
namespace {

const tenant_id tenant{"default"};
constexpr std::size_t in_flight_max = 8192;
constexpr duration_ms a_year = 365LL * 24 * 3'600'000;

// Appends without waiting for each, but for not more than in_flight_max.
class writer {
public:
  explicit writer(storage::event_store& store) : store_(store) {}

  void write(storage::stream_key stream, version expected, std::vector<storage::event_data> events,
             time_ms at) {
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return in_flight_ < in_flight_max; });
      ++in_flight_;
    }
    storage::append what{std::move(stream), expected, std::move(events), {}, {}};
    what.meta.time = at;
    what.meta.principal = "system/provision";
    what.done = [this](const storage::append_result& r) { answered(r.error); };
    store_.submit(std::move(what));
  }
  void finish() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return in_flight_ == 0; });
    if (failed_ != errc::ok) throw std::runtime_error{"the folder could not be filled"};
  }

private:
  void answered(errc error) {
    std::lock_guard lock{mutex_};
    if (error != errc::ok) failed_ = error;
    --in_flight_;
    changed_.notify_one();
  }

  storage::event_store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t in_flight_ = 0;
  errc failed_ = errc::ok;
};

class filler {
public:
  explicit filler(const std::string& path) :
      keys_(cli::open_keys(path, random_)), ids_(keys_, random_),
      disk_(path, random_,
            [](const std::string& why) { throw std::runtime_error{"no more to disk: " + why}; }),
      to_(disk_.store()), at_(cli::wall_clock() - a_year),
      hash_(cli::argon2_passwords{random_}.hash(password_of_all)) {
    disk_.store().own(1);
  }

  void add_extension(std::size_t index) {
    const auto who = owner(index);
    const subject_id subject{who.value};
    const auto number = number_of(index), username = username_of(index);
    const extension_id id{ids_.digest({"extension", tenant.value, number})};
    append<extension::event>({tenant, extension::spec::kind, id.value},
                             {extension::created{{subject, number}, who, at_}});
    agent::registered made{{subject, username},
                           {subject, username + "@phone.example"},
                           {subject, number},
                           {subject, hash_},
                           id,
                           "agent",
                           {"agent"},
                           false,
                           at_};
    append<agent::event>({tenant, agent::spec::kind, who.value}, {std::move(made)});
  }

  void add_call(std::size_t from, std::size_t to) { // three events
    at_ += 997;
    const auto placed_at = at_;
    const device_id calling{ids_.random()}, called{ids_.random()};
    append<call::event>({tenant, call::spec::kind, "call-" + ids_.random()},
                        {call::placed{party(from),
                                      calling,
                                      party(to),
                                      {called},
                                      placed_at + 30'000,
                                      false,
                                      "webrtc",
                                      {},
                                      {},
                                      placed_at},
                         call::answered{2, called, 1, placed_at + 4'000},
                         call::ended{call::cause::hangup, 1, placed_at + 64'000}});
  }

  void finish() {
    to_.finish();
    disk_.store().stop();
  }

private:
  agent_id owner(std::size_t index) {
    return agent_id{ids_.digest({"agent", tenant.value, username_of(index)})};
  }
  call::party party(std::size_t index) {
    const auto who = owner(index);
    const auto number = number_of(index);
    const subject_id subject{who.value};
    return {extension_id{ids_.digest({"extension", tenant.value, number})},
            who,
            {subject, number},
            {subject, username_of(index)}};
  }
  template <class Event> void append(storage::stream_key stream, std::vector<Event> events) {
    std::vector<storage::event_data> data;
    for (const auto& e : events) data.push_back(storage::encode_event(e, tenant, disk_.vault()));
    to_.write(std::move(stream), 0, std::move(data), at_);
  }

  security::system_random random_;
  security::site_keys keys_;
  cli::site_ids ids_;
  cli::site_store disk_;
  writer to_;
  time_ms at_;
  std::string hash_;
};

} // namespace

std::string number_of(std::size_t index) { return std::to_string(first_number + index); }
std::string username_of(std::size_t index) { return "agent" + std::to_string(index); }

void make_folder(const std::string& path, const contents& what) {
  filler all{path};
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < what.extensions; ++i, written += 2) all.add_extension(i);
  // Who calls whom spreads over everybody: a prime as the step, another as the distance.
  for (std::size_t i = 0; written + 3 <= what.events && what.extensions > 1; ++i, written += 3) {
    const auto from = i * 7919 % what.extensions;
    all.add_call(from, (from + 1 + i % (what.extensions - 1)) % what.extensions);
  }
  all.finish();
}

token_maker::token_maker(const std::string& folder, std::string secret) :
    keys_(cli::open_keys(folder, random_)), secret_(std::move(secret)) {}

std::string token_maker::for_agent(std::size_t index) const {
  security::system_random random;
  cli::site_ids ids{keys_, random};
  security::claims who;
  who.sub = ids.digest({"agent", tenant.value, username_of(index)});
  who.tenant = tenant.value;
  who.ext = number_of(index);
  who.roles = {"agent"};
  who.iat = cli::wall_clock() / 1000;
  who.exp = who.iat + 12 * 3600;
  who.jti = ids.random();
  return security::token_signer{secret_}.sign(who);
}

} // namespace strowger::load
