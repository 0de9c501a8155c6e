// How the rows of the picture stand on disk: keys that keep their order, values as msgpack with
// personal fields sealed. The shape is described in storage/FORMAT.md; another shape is another
// picture::shape.
#pragma once

#include "actors/views/world.hpp"
#include "storage/bytes.hpp"
#include "storage/codec.hpp"
#include "storage/row_store.hpp"

namespace strowger::runtime {

// Keys. Ids are opaque text without a zero byte.
template <class Tag> std::string key_bytes(const id<Tag>& k) { return k.value; }
inline std::string key_bytes(const std::string& k) { return k; }
inline std::string key_bytes(position k) {
  std::string out;
  storage::put_be64(out, k);
  return out;
}
inline std::string key_bytes(const std::pair<extension_id, position>& k) {
  auto out = k.first.value;
  out.push_back('\0');
  storage::put_be64(out, k.second);
  return out;
}

template <class Tag> void read_key(std::string_view bytes, id<Tag>& out) { out = id<Tag>{bytes}; }
inline void read_key(std::string_view bytes, std::string& out) { out = bytes; }
inline void read_key(std::string_view bytes, position& out) {
  if (bytes.size() != 8) throw storage::storage_error{"a row's key is no position"};
  out = storage::be64(bytes);
}
inline void read_key(std::string_view bytes, std::pair<extension_id, position>& out) {
  if (bytes.size() < 9) throw storage::storage_error{"a row's key is cut short"};
  out = {extension_id{bytes.substr(0, bytes.size() - 9)},
         storage::be64(bytes.substr(bytes.size() - 8))};
}

// Values that have no fields of their own.
template <class V> struct cell {
  V value{};
  static constexpr auto fields = std::tuple{field{"v", &cell::value}};
};
struct history_cell { // what a call's row shows of people belongs to them
  call_id call;
  extension_id caller, callee;
  personal<std::string> caller_number, callee_number;
  std::optional<personal<std::string>> transferred_to;
  std::string state, cause;
  time_ms started_at = 0;
  std::optional<time_ms> answered_at, ended_at;
  duration_ms duration = 0;
  std::optional<device_id> answered_by;
  std::optional<std::string> campaign, lead;
  std::vector<answer::leg_quality> quality;
  static constexpr auto fields = std::tuple{field{"call", &history_cell::call},
                                            field{"caller", &history_cell::caller},
                                            field{"callee", &history_cell::callee},
                                            field{"caller_number", &history_cell::caller_number},
                                            field{"callee_number", &history_cell::callee_number},
                                            field{"transferred_to", &history_cell::transferred_to},
                                            field{"state", &history_cell::state},
                                            field{"cause", &history_cell::cause},
                                            field{"started_at", &history_cell::started_at},
                                            field{"answered_at", &history_cell::answered_at},
                                            field{"ended_at", &history_cell::ended_at},
                                            field{"duration", &history_cell::duration},
                                            field{"answered_by", &history_cell::answered_by},
                                            field{"campaign", &history_cell::campaign},
                                            field{"lead", &history_cell::lead},
                                            field{"quality", &history_cell::quality}};
};
history_cell to_cell(const views::history_row& r);
views::history_row from_cell(history_cell c);

// What is encoded for a value, and the value again.
template <described V> const V& stored_form(const V& v) { return v; }
template <class V>
requires(!described<V>) cell<V> stored_form(const V& v) { return {v}; }
inline history_cell stored_form(const views::history_row& v) { return to_cell(v); }
inline cell<bool> stored_form(const views::marker&) { return {true}; }

template <class V> struct stored {
  using form = std::remove_cvref_t<decltype(stored_form(std::declval<const V&>()))>;
  static V value(form f) {
    if constexpr (std::same_as<form, V>)
      return f;
    else if constexpr (std::same_as<V, views::history_row>)
      return from_cell(std::move(f));
    else if constexpr (std::same_as<V, views::marker>)
      return {};
    else
      return std::move(f.value);
  }
};

// One table of one tenant.
template <class K, class V> class stored_table final : public views::shelf<K, V> {
public:
  using typename views::shelf<K, V>::visitor;

  stored_table(const storage::row_store& rows, storage::vault& vault, tenant_id tenant,
               const char* name) :
      rows_(rows),
      vault_(vault), tenant_(std::move(tenant)), name_(name) {
    storage::put_text(prefix_, tenant_.value);
  }

  std::string key_of(const K& key) const { return prefix_ + key_bytes(key); }
  storage::row row_of(const K& key, const V* value) const {
    storage::row out{name_, key_of(key), std::nullopt};
    if (value != nullptr) out.value = storage::encode(stored_form(*value), tenant_, vault_);
    return out;
  }

  std::optional<V> read(const K& key) const override {
    const auto bytes = rows_.get_row(name_, key_of(key));
    return bytes ? std::optional{decoded(*bytes)} : std::nullopt;
  }
  void ascend(const visitor& visit) const override {
    rows_.rows_from(name_, prefix_, [&](auto key, auto bytes) { return shown(key, bytes, visit); });
  }
  void descend(const K& before, const visitor& visit) const override {
    rows_.rows_before(name_, key_of(before),
                      [&](auto key, auto bytes) { return shown(key, bytes, visit); });
  }

private:
  V decoded(std::string_view bytes) const {
    return stored<V>::value(storage::decode<typename stored<V>::form>(bytes, tenant_, vault_));
  }
  bool shown(std::string_view key, std::string_view bytes, const visitor& visit) const {
    if (!key.starts_with(prefix_)) return false; // another tenant's
    K name;
    read_key(key.substr(prefix_.size()), name);
    return visit(name, decoded(bytes));
  }

  const storage::row_store& rows_;
  storage::vault& vault_;
  tenant_id tenant_;
  const char* name_;
  std::string prefix_;
};

} // namespace strowger::runtime
