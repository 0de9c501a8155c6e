// The accounts and the license that exist from the start, and what their passwords are.
#include "actors/runtime/site.hpp"

#include <map>

namespace strowger::runtime {
namespace {

constexpr auto provisioner = "system/provision";

license::issue first_license(const license_terms& terms, const license_id& id,
                             const std::string& random) {
  license::issue out{terms.plan, terms.max_users, terms.webrtc_max_users, true, never};
  out.key =
      personal<std::string>{subject_id{id.value}, terms.key.empty() ? "SL-" + random : terms.key};
  return out;
}

} // namespace

struct site::provisioning {
  std::vector<account> rest;  // the next one last
  std::string password, hash; // of the last one: samples share a password, and so a slow hash
  std::function<void(errc)> made;

  const std::string& hash_of(const std::string& wanted, password_port& passwords) {
    if (hash.empty() || wanted != password) {
      hash = passwords.hash(wanted);
      password = wanted;
    }
    return hash;
  }
};

struct site::search {
  std::vector<account> wanted;
  std::vector<std::string> passwords;
  std::vector<account_found> so_far;
  std::map<std::string, std::string> opened_by; // hash -> password
  std::function<void(errc, std::vector<account_found>)> found;

  const std::string& password_of(const std::string& hash, password_port& port) {
    const auto [entry, fresh] = opened_by.try_emplace(hash);
    if (fresh)
      for (const auto& password : passwords)
        if (port.verify(hash, password)) return entry->second = password;
    return entry->second;
  }
};

void site::find_accounts(std::vector<account> accounts, std::vector<std::string> passwords,
                         std::function<void(errc, std::vector<account_found>)> found) {
  auto job = std::make_shared<search>();
  job->wanted = std::move(accounts);
  job->passwords = std::move(passwords);
  job->found = std::move(found);
  find_next(std::move(job));
}

void site::find_next(std::shared_ptr<search> job) {
  if (job->so_far.size() == job->wanted.size()) return job->found(errc::ok, std::move(job->so_far));
  const auto& a = job->wanted[job->so_far.size()];
  engine_->inspect<agent::spec>(
      a.tenant, agent_of(a.tenant, a.username).value,
      [this, job, sample = a.sample](errc error, const agent::state& s) {
        using whose = account_found::whose;
        if (error != errc::ok) return job->found(error, {});
        const bool ours = s.exists && !s.gone && s.sample == sample;
        if (!ours) {
          job->so_far.push_back({s.exists ? whose::somebody_elses : whose::nobodys, {}});
          return find_next(job);
        }
        parts_.work->post([this, job, hash = s.password_hash.reveal()] {
          job->so_far.push_back({whose::ours, job->password_of(hash, parts_.passwords)});
          find_next(job);
        });
      });
}

void site::provision(std::vector<account> accounts, license_terms license,
                     std::function<void(errc)> made) {
  const auto tenant = accounts.empty() ? tenant_id{"default"} : accounts.front().tenant;
  auto job = std::make_shared<provisioning>();
  job->rest.assign(accounts.rbegin(), accounts.rend());
  job->made = made;
  engine_->inspect<license::spec>(
      tenant, license_of(tenant).value, [=, this](errc error, const license::state& s) {
        if (error != errc::ok) return made(error);
        if (s.exists || license.max_users == 0) return provision_next(job);
        engine_->send<license::spec>(
            license_of(tenant).value,
            first_license(license, license_of(tenant), parts_.ids.random()),
            {tenant, provisioner, {}, {}, 0}, [=, this](const result<license::spec>& r) {
              if (r.error != errc::ok) return made(r.error);
              provision_next(job);
            });
      });
}

void site::provision_next(std::shared_ptr<provisioning> job) {
  if (job->rest.empty()) return job->made(errc::ok);
  const auto a = job->rest.back();
  job->rest.pop_back();
  const auto id = agent_of(a.tenant, a.username);
  engine_->inspect<agent::spec>(a.tenant, id.value, [=, this](errc error, const agent::state& s) {
    if (error != errc::ok) return job->made(error);
    if (s.exists && !a.set_password) return provision_next(job);
    parts_.work->post([=, this, exists = s.exists] {
      if (exists) return set_password(job, a, id);
      make_account(job, a);
    });
  });
}

void site::make_account(std::shared_ptr<provisioning> job, const account& a) {
  request::register_agent r{a.tenant, a.username, a.email, a.extension, {}, a.typology, {}};
  claim_and_register({parts_.work, {}, {}}, r, job->hash_of(a.password, parts_.passwords), a.sample,
                     a.roles, [=, this](outcome<answer::registered> o) {
                       // A sample whose extension is somebody's by now stays away.
                       if (const auto* bad = std::get_if<failure>(&o);
                           bad != nullptr && bad->why != errc::extension_in_use)
                         return job->made(bad->why);
                       provision_next(job);
                     });
}

void site::set_password(std::shared_ptr<provisioning> job, const account& a, const agent_id& id) {
  const subject_id subject{id.value};
  engine_->send<agent::spec>(
      id.value, agent::set_password{{subject, job->hash_of(a.password, parts_.passwords)}},
      {a.tenant, provisioner, {}, id.value, 0}, [=, this](const result<agent::spec>& r) {
        if (r.error != errc::ok) return job->made(r.error);
        provision_next(job);
      });
}

} // namespace strowger::runtime
