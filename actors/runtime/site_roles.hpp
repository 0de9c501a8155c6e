// The two ends of the link between a master and its slaves, as parts of the site. Everything that
// counts is in the streams of licenses and slaves; a link is only a way to talk. Publisher's thread
// but for what says otherwise.
#pragma once

#include "actors/runtime/site.hpp"

namespace strowger::runtime {

// Somebody made an agent of a WebRTC typology: the feature on, and seats where there are none.
inline license::change softphone_terms() {
  constexpr std::uint32_t allocated = 5;
  return {.webrtc_extension = true, .seats_where_none = allocated};
}
// What a slave calls that in its reports.
inline constexpr auto softphone_made = "softphone";

// A master's: who is connected, what they are told, who uses which seat (site_links.cpp).
struct site::links {
  struct one {
    tenant_id tenant;
    license_id license;
    std::shared_ptr<slave_sink> sink;
    slave_id slave;           // empty until it has said hello
    time_ms counted_from = 0; // what it has said since then
    std::size_t said = 0;
  };
  explicit links(site& of) : at_(of) {}

  void find(const caller&, const std::string& key, done<license_id>); // any thread
  link_number opened(const license_id&, std::shared_ptr<slave_sink>); // any thread
  void said(link_number, const link::to_master&);
  void lost(link_number);
  void tell_terms(const tenant_id&, const license_id&); // any thread; to every slave of the license
  void recall(const license_id&, const slave_id& but);  // what is not used, for somebody else
  void add_slave(const license::state&, const slave_id&, const slave::state&,
                 answer::license_seats& to);

private:
  void heard(link_number, one& from, const link::hello&);
  void heard(link_number, one& from, const link::ask&);
  void heard(link_number, one& from, const link::report&);
  void heard(link_number, one& from, const link::alive&);
  std::string signed_terms(const license_id&, const license::state&) const;
  void granted(const one& to, const link::ask&, const license::reply& has);
  void settle_debts(const one& from, std::uint32_t seats);
  void turn_on(const one& from);
  bool too_many(one& from);
  static origin origin_of(const one& from);

  site& at_;
  std::atomic<link_number> last_{0};
  std::map<link_number, one> open_;
  std::map<slave_id, std::map<session_id, instant>> beats_; // the last heartbeats, as they say
  std::map<license_id, time_ms> recalled_at_;
  std::map<license_id, tenant_id> tenants_; // of licenses whose keys were shown
};

// A slave's: it signs in, takes the signed license and leases seats (site_upstream.cpp).
struct site::upstream {
  explicit upstream(site& of) : at_(of) {}

  bool near() const { return near_; }     // any thread: the master can be asked
  bool agreed() const { return agreed_; } // any thread: it has answered an ask since it is near
  void wake_lease(std::function<void(errc)> done); // any thread; before the door opens
  void turn();                                     // every now and then
  void found(std::shared_ptr<master_sink>);
  void said(const master_sink*, const link::to_slave&);
  void lost(const master_sink*);
  void note_softphone();                           // any thread; the master shall know of it
  void more_seats(std::function<void(errc)> then); // any thread; there may be some after it
  answer::master_state now(const license::state&) const;

private:
  void heard(const link::welcome&);
  void heard(const link::terms&);
  void heard(const link::lease&);
  void heard(const link::refused&);
  void heard(const link::reported&);
  void heard(const link::recall&);
  void let_in(const std::shared_ptr<master_sink>& by);
  void adopt(const std::string& text, const std::string& key, std::function<void(errc)> done);
  const license::state* mine() const;
  std::uint32_t seats_wanted(std::uint32_t ahead) const;
  void ask(std::uint32_t seats);
  void end_ask(errc why);
  void renew_lease(const license::state&);
  void report_seats();
  void report_anew(const license::state&);
  std::optional<link::seat_change> told_of(const storage::record&) const;
  bool same_log(version upto, const std::string& mark) const;
  version last_version() const;
  void pass_heartbeats(const license::state&);
  std::string stream() const; // of the license
  origin from() const;

  site& at_;
  std::atomic<bool> near_{false}, agreed_{false};
  std::shared_ptr<master_sink> sink_; // null: no link
  slave_id slave_;                    // as the master calls us
  time_ms heard_at_ = never;          // the last word from the master
  bool asking_ = false;               // one ask is under way at a time;
  std::uint64_t ask_ = 0;             // its number, once it is written
  time_ms asked_at_ = 0;
  time_ms ask_not_before_ = 0; // after a refusal
  duration_ms refused_for_ = 0;
  bool ask_again_ = false;                         // somebody came meanwhile
  std::vector<std::function<void(errc)>> waiting_; // for more seats
  version reported_ = 0; // the master knows the license's stream up to here
  bool reporting_ = false;
  bool anew_ = false; // our log was put back: it is told from its beginning, by the seats held now
  bool more_ = false; // of them are to be told
  bool softphone_ = false, softphone_told_ = false; // one was made, and the master may not know it
  time_ms beats_at_ = 0;                            // heartbeats were last passed on
};

} // namespace strowger::runtime
