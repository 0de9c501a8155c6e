// The templates of storage/codec.hpp. Included by it, never alone.
#pragma once

#include "core/planted.hpp"
#include "storage/codec_io.hpp"
#include "storage/upcast.hpp"

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace strowger::storage {
namespace detail {

template <class T> struct is_id : std::false_type {};
template <class Tag> struct is_id<id<Tag>> : std::true_type {};

template <class T, template <class...> class Of> struct is_a : std::false_type {};
template <template <class...> class Of, class... Args> struct is_a<Of<Args...>, Of>
    : std::true_type {};

template <class T>
concept any_id = is_id<T>::value;
template <class T>
concept text_type = std::same_as<T, std::string>;
template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;
template <class T>
concept map_key = text_type<T> || any_id<T> || whole_number<T> || named_enum<T>;
template <class T>
concept optional_type = is_a<T, std::optional>::value;
template <class T>
concept vector_type = is_a<T, std::vector>::value;
template <class T>
concept set_type = is_a<T, std::set>::value && map_key<typename T::key_type>;
template <class T>
concept map_type = is_a<T, std::map>::value && map_key<typename T::key_type>;
template <class T>
concept personal_type = is_a<T, personal>::value;

// What happens to personal fields on their way: sealed for the disk, or plain for comparison.
struct sealing {
  const tenant_id& tenant;
  storage::vault& vault;
};
struct in_plain {};

// Values of people in a T: any, and any number of them.
template <class T> constexpr bool of_people();
template <class T> constexpr bool of_many_people();
template <class Owner, class Member> constexpr bool field_of_people(const field<Owner, Member>&) {
  return of_people<Member>();
}
template <class Owner, class Member> constexpr bool field_of_many(const field<Owner, Member>&) {
  return of_many_people<Member>();
}
template <class T> constexpr bool of_people() {
  if constexpr (personal_type<T>)
    return true;
  else if constexpr (optional_type<T> || vector_type<T>)
    return of_people<typename T::value_type>();
  else if constexpr (map_type<T>)
    return of_people<typename T::mapped_type>();
  else if constexpr (described<T>)
    return std::apply([](const auto&... f) { return (field_of_people(f) || ...); }, T::fields);
  else
    return false;
}
template <class T> constexpr bool of_many_people() {
  if constexpr (vector_type<T> || map_type<T>)
    return of_people<T>();
  else if constexpr (optional_type<T>)
    return of_many_people<typename T::value_type>();
  else if constexpr (described<T>)
    return std::apply([](const auto&... f) { return (field_of_many(f) || ...); }, T::fields);
  else
    return false;
}

// Whose keys a value will be sealed with.
template <class T> void find_people(const T& what, std::set<subject_id>& out) {
  if constexpr (personal_type<T>) {
    if (!what.subject().empty() && !what.erased()) out.insert(what.subject());
  } else if constexpr (optional_type<T>) {
    if (what) find_people(*what, out);
  } else if constexpr (vector_type<T>) {
    for (const auto& element : what) find_people(element, out);
  } else if constexpr (map_type<T>) {
    for (const auto& [key, value] : what) find_people(value, out);
  } else {
    for_each_field(what, [&](std::string_view, const auto& member) {
      if constexpr (of_people<std::remove_cvref_t<decltype(member)>>()) find_people(member, out);
    });
  }
}

template <class How, class T> void put(codec_writer& out, const T& what, How& how);

template <class T> std::string plain_bytes(const T& what) {
  codec_writer out;
  in_plain plain;
  put(out, what, plain);
  return out.take();
}

template <class T> void put_personal(codec_writer& out, const personal<T>& what, in_plain& how) {
  what.erased() ? out.nil() : put(out, what.reveal(), how);
}

template <class T> void put_personal(codec_writer& out, const personal<T>& what, sealing& how) {
  if (what.subject().empty()) { // never set; a value nobody owns must not reach the disk
    if (!what.erased() && plain_bytes(what.reveal()) != plain_bytes(T{}))
      throw std::logic_error{"a personal value without a subject"};
    return out.nil();
  }
  if (what.erased()) {
    out.map(1);
    out.text("s");
    return out.text(what.subject().value);
  }
  const auto closed = planted(bug::plain_on_disk)
                          ? sealed{{}, plain_bytes(what.reveal())}
                          : how.vault.seal(how.tenant, what.subject(), plain_bytes(what.reveal()));
  out.map(3);
  out.text("s");
  out.text(what.subject().value);
  out.text("n");
  out.bytes(closed.nonce);
  out.text("c");
  out.bytes(closed.ciphertext);
}

template <class How, described T> void put_fields(codec_writer& out, const T& what, How& how) {
  out.map(std::tuple_size_v<std::remove_cvref_t<decltype(T::fields)>>);
  for_each_field(what, [&](std::string_view name, const auto& member) {
    out.text(name);
    put(out, member, how);
  });
}

template <class How, class T> void put(codec_writer& out, const T& what, How& how) {
  if constexpr (std::same_as<T, bool>)
    out.boolean(what);
  else if constexpr (whole_number<T> && std::is_signed_v<T>)
    out.number(static_cast<std::int64_t>(what));
  else if constexpr (whole_number<T>)
    out.number(static_cast<std::uint64_t>(what));
  else if constexpr (text_type<T>)
    out.text(what);
  else if constexpr (any_id<T>)
    out.text(what.value);
  else if constexpr (named_enum<T>)
    out.text(name_of(what));
  else if constexpr (optional_type<T>)
    what ? put(out, *what, how) : out.nil();
  else if constexpr (vector_type<T> || set_type<T>) {
    out.array(what.size());
    for (const typename T::value_type& element : what) put(out, element, how);
  } else if constexpr (map_type<T>) {
    out.map(what.size());
    for (const auto& [key, value] : what) {
      put(out, key, how);
      put(out, value, how);
    }
  } else if constexpr (personal_type<T>)
    put_personal(out, what, how);
  else {
    static_assert(described<T>, "this type has no msgpack form: describe it by `fields`");
    put_fields(out, what, how);
  }
}

template <class T> void get(codec_reader in, T& out, sealing& how);

template <whole_number T> T get_number(codec_reader in) {
  if constexpr (std::is_signed_v<T>) {
    const auto found = in.signed_number();
    if (found < std::numeric_limits<T>::min() || found > std::numeric_limits<T>::max())
      throw decode_error{"an integer is out of range"};
    return static_cast<T>(found);
  } else {
    const auto found = in.unsigned_number();
    if (found > std::numeric_limits<T>::max()) throw decode_error{"an integer is out of range"};
    return static_cast<T>(found);
  }
}

// The value under a field name; looks first where the last one was found, as fields are in order.
inline std::optional<codec_reader> find_field(codec_reader in, std::size_t size, std::size_t& hint,
                                              std::string_view name) {
  for (std::size_t tried = 0; tried < size; ++tried) {
    const auto index = hint + tried < size ? hint + tried : hint + tried - size;
    if (in.key(index).text() != name) continue;
    hint = index + 1 < size ? index + 1 : 0;
    return in.value(index);
  }
  return std::nullopt;
}

template <described T> void get_fields(codec_reader in, T& out, sealing& how) {
  const auto size = in.map_size();
  std::size_t hint = 0;
  for_each_field(out, [&](std::string_view name, auto& member) {
    const auto found = find_field(in, size, hint, name);
    if (!found) return; // an older writer: the default stays
    try {
      get(*found, member, how);
    } catch (const decode_error& e) {
      throw decode_error{std::string{name} + ": " + e.what()};
    }
  });
}

template <class T> personal<T> get_personal(codec_reader in, sealing& how) {
  if (in.is_nil()) return {};
  const auto size = in.map_size();
  std::size_t hint = 0;
  const auto subject = find_field(in, size, hint, "s");
  if (!subject) throw decode_error{"a personal value without a subject"};
  const subject_id owner{subject->text()};
  const auto nonce = find_field(in, size, hint, "n");
  const auto ciphertext = find_field(in, size, hint, "c");
  if (!nonce && !ciphertext) return personal<T>::lost(owner);
  if (!nonce || !ciphertext) throw decode_error{"half of a sealed value"};
  const auto plain =
      planted(bug::plain_on_disk)
          ? std::optional{std::string{ciphertext->bytes()}}
          : how.vault.open(how.tenant, owner,
                           {std::string{nonce->bytes()}, std::string{ciphertext->bytes()}});
  if (!plain) return personal<T>::lost(owner);
  const codec_document inner{*plain};
  T value{};
  get(inner.root(), value, how);
  return {owner, std::move(value)};
}

template <class T> void get_elements(codec_reader in, T& out, sealing& how) {
  out.clear();
  const auto size = in.array_size();
  for (std::size_t i = 0; i < size; ++i) {
    typename T::value_type element{};
    get(in.element(i), element, how);
    out.insert(out.end(), std::move(element));
  }
}

template <class T> void get_pairs(codec_reader in, T& out, sealing& how) {
  out.clear();
  const auto size = in.map_size();
  for (std::size_t i = 0; i < size; ++i) {
    typename T::key_type key{};
    get(in.key(i), key, how);
    get(in.value(i), out[std::move(key)], how);
  }
}

template <class T> void get(codec_reader in, T& out, sealing& how) {
  if constexpr (std::same_as<T, bool>)
    out = in.boolean();
  else if constexpr (whole_number<T>)
    out = get_number<T>(in);
  else if constexpr (text_type<T>)
    out = std::string{in.text()};
  else if constexpr (any_id<T>)
    out = T{in.text()};
  else if constexpr (named_enum<T>) {
    if (!parse_enum(in.text(), out))
      throw decode_error{"unknown name \"" + std::string{in.text()} + "\""};
  } else if constexpr (optional_type<T>) {
    out.reset();
    if (!in.is_nil()) get(in, out.emplace(), how);
  } else if constexpr (vector_type<T> || set_type<T>)
    get_elements(in, out, how);
  else if constexpr (map_type<T>)
    get_pairs(in, out, how);
  else if constexpr (personal_type<T>)
    out = get_personal<std::remove_cvref_t<decltype(out.reveal())>>(in, how);
  else {
    static_assert(described<T>, "this type has no msgpack form: describe it by `fields`");
    get_fields(in, out, how);
  }
}

template <class Event, std::size_t Index = 0>
Event event_by_tag(std::string_view tag, codec_reader in, sealing& how) {
  if constexpr (Index == std::variant_size_v<Event>)
    throw decode_error{"unknown event " + std::string{tag}};
  else {
    using alternative = std::variant_alternative_t<Index, Event>;
    if (tag != std::string_view{alternative::tag})
      return event_by_tag<Event, Index + 1>(tag, in, how);
    alternative what{};
    get(in, what, how);
    return what;
  }
}

} // namespace detail

template <described T>
std::string encode(const T& what, const tenant_id& tenant, vault& personal_vault) {
  if constexpr (detail::of_many_people<T>()) {
    std::set<subject_id> people;
    detail::find_people(what, people);
    if (people.size() > 1) personal_vault.prepare(tenant, {people.begin(), people.end()});
  }
  codec_writer out;
  detail::sealing how{tenant, personal_vault};
  detail::put(out, what, how);
  return out.take();
}

template <described T>
T decode(std::string_view bytes, const tenant_id& tenant, vault& personal_vault) {
  const codec_document document{bytes};
  detail::sealing how{tenant, personal_vault};
  T what{};
  detail::get(document.root(), what, how);
  return what;
}

template <class Event>
event_data encode_event(const Event& what, const tenant_id& tenant, vault& personal_vault) {
  return std::visit(
      [&](const auto& e) {
        return event_data{std::string{e.tag}, encode(e, tenant, personal_vault)};
      },
      what);
}

template <class Event> Event decode_event(std::string_view tag, std::string_view payload,
                                          const tenant_id& tenant, vault& personal_vault) {
  lifted newer;
  if (upcasters().knows(tag)) {
    newer = upcasters().lift(tag, payload);
    tag = newer.tag;
    payload = newer.payload;
  }
  try {
    const codec_document document{payload};
    detail::sealing how{tenant, personal_vault};
    return detail::event_by_tag<Event>(tag, document.root(), how);
  } catch (const decode_error& e) {
    throw decode_error{std::string{tag} + ": " + e.what()};
  }
}

template <described T> std::string fingerprint(const T& what) { return detail::plain_bytes(what); }

} // namespace strowger::storage
