#include "security/statement_json.hpp"

#include "core/limits.hpp"
#include "security/jose.hpp"

#include <limits>
#include <stdexcept>
#include <type_traits>

namespace strowger::security {
namespace {

constexpr std::int64_t safe_integer_max = 9'007'199'254'740'991; // 2^53 - 1

class writer {
public:
  void operator()(const char* name, const std::string& text) {
    set(name, json_stringn(text.data(), text.size()));
  }
  template <class Tag> void operator()(const char* name, const id<Tag>& what) {
    (*this)(name, what.value);
  }
  void operator()(const char* name, bool on) { set(name, json_boolean(on)); }
  void operator()(const char* name, std::uint64_t number) {
    const bool fits = number <= static_cast<std::uint64_t>(safe_integer_max);
    set(name, fits ? json_integer(static_cast<json_int_t>(number)) : nullptr);
  }
  void operator()(const char* name, std::uint32_t number) { (*this)(name, std::uint64_t{number}); }
  void operator()(const char* name, std::int64_t number) {
    const bool fits = number >= -safe_integer_max && number <= safe_integer_max;
    set(name, fits ? json_integer(number) : nullptr);
  }
  void operator()(const char* name, const std::set<std::string>& texts) {
    json_t* all = json_array();
    for (const auto& text : texts)
      whole_ &= json_array_append_new(all, json_stringn(text.data(), text.size())) == 0;
    set(name, all);
  }
  std::string text() const {
    const std::unique_ptr<char, jose::freed_by<free>> out{
        json_dumps(object_.get(), JSON_COMPACT | JSON_SORT_KEYS)};
    if (!whole_ || !out)
      throw std::runtime_error("statement: a text is not UTF-8, or a number is out of range");
    return out.get();
  }

private:
  void set(const char* name, json_t* what) {
    whole_ &= json_object_set_new(object_.get(), name, what) == 0;
  }

  jose::json object_{json_object()};
  bool whole_ = true;
};

class reader {
public:
  explicit reader(std::string_view text) : object_(jose::parse(text)) {
    fine_ = json_is_object(object_.get());
  }
  bool fine() const { return fine_; }

  void operator()(const char* name, std::string& out) { read(json_object_get(at(), name), out); }
  template <class Tag> void operator()(const char* name, id<Tag>& out) { (*this)(name, out.value); }
  void operator()(const char* name, bool& out) {
    const json_t* member = json_object_get(at(), name);
    if (check(json_is_boolean(member))) out = json_is_true(member);
  }
  template <class Int> void operator()(const char* name, Int& out) {
    const json_t* member = json_object_get(at(), name);
    if (!check(json_is_integer(member))) return;
    const std::int64_t number = json_integer_value(member);
    const auto least = std::is_signed_v<Int> ? -safe_integer_max : 0;
    const auto most = sizeof(Int) < 8 ? static_cast<std::int64_t>(std::numeric_limits<Int>::max())
                                      : safe_integer_max;
    if (check(number >= least && number <= most)) out = static_cast<Int>(number);
  }
  void operator()(const char* name, std::set<std::string>& out) {
    const json_t* member = json_object_get(at(), name);
    if (!check(json_is_array(member) && json_array_size(member) <= limits::features_max)) return;
    for (std::size_t i = 0; i < json_array_size(member); ++i) {
      std::string text;
      read(json_array_get(member, i), text);
      check(out.insert(std::move(text)).second);
    }
  }

private:
  const json_t* at() const { return object_.get(); }
  bool check(bool held) { return fine_ &= held; }
  void read(const json_t* member, std::string& out) {
    if (check(json_is_string(member)))
      out.assign(json_string_value(member), json_string_length(member));
  }

  const jose::json object_;
  bool fine_ = false;
};

template <class Io, class Statement> void walk_common(Io& io, Statement& what) {
  io("license", what.license);
  io("issued_at_ms", what.issued_at);
}

// One list of members for both ways.
template <class Io> void walk_license(Io& io, auto& what) {
  walk_common(io, what);
  io("organization", what.organization);
  io("plan", what.plan);
  io("status", what.status);
  io("features", what.features);
  io("webrtc_extension", what.webrtc_extension);
  io("max_users", what.max_users);
  io("webrtc_max_users", what.webrtc_max_users);
  io("sessions_per_user", what.sessions_per_user);
  io("overdraft", what.overdraft);
  io("starts_at_ms", what.starts_at);
  io("expires_at_ms", what.expires_at);
}

template <class Io> void walk_lease(Io& io, auto& what) {
  walk_common(io, what);
  io("slave", what.slave);
  io("ask", what.ask);
  io("epoch", what.epoch);
  io("seats", what.seats);
  io("lease_ms", what.lease_ms);
}

template <class Io> void walk_receipt(Io& io, auto& what) {
  walk_common(io, what);
  io("agent", what.agent);
  io("session", what.session);
  io("granted", what.granted);
  io("code", what.code);
  io("position", what.at);
  io("event", what.event);
  io("stream", what.stream);
  io("version", what.version);
  io("decided_at_ms", what.decided_at);
}

} // namespace

std::string statement_json(const license_statement& what) {
  writer out;
  walk_license(out, what);
  return out.text();
}

std::string statement_json(const lease_statement& what) {
  writer out;
  walk_lease(out, what);
  return out.text();
}

std::string statement_json(const receipt_statement& what) {
  writer out;
  walk_receipt(out, what);
  return out.text();
}

bool read_statement(std::string_view json, license_statement& out) {
  reader in{json};
  walk_license(in, out);
  return in.fine() &&
         (out.status == "active" || out.status == "suspended" || out.status == "revoked");
}

bool read_statement(std::string_view json, lease_statement& out) {
  reader in{json};
  walk_lease(in, out);
  return in.fine() && out.lease_ms >= 0;
}

bool read_statement(std::string_view json, receipt_statement& out) {
  reader in{json};
  walk_receipt(in, out);
  return in.fine();
}

} // namespace strowger::security
