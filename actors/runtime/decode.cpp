#include "actors/runtime/decode.hpp"

#include "storage/codec.hpp"

namespace strowger::runtime {
namespace {

template <class Spec>
bool decode_as(const storage::record& r, storage::vault& vault, views::any_event& out) {
  if (r.kind != Spec::kind) return false;
  out = storage::decode_event<typename Spec::event>(r.tag, r.payload, r.tenant, vault);
  return true;
}

} // namespace

std::optional<views::committed> decode_record(const storage::record& r, storage::vault& vault) {
  views::committed out{r.at, r.tenant, r.stream, r.meta.time, {}};
  if (r.kind == node_kind) return {};
  if (decode_as<call::spec>(r, vault, out.event) ||
      decode_as<extension::spec>(r, vault, out.event) ||
      decode_as<session::spec>(r, vault, out.event) ||
      decode_as<agent::spec>(r, vault, out.event) ||
      decode_as<license::spec>(r, vault, out.event) || decode_as<slave::spec>(r, vault, out.event))
    return out;
  throw storage::decode_error("a record of unknown kind: " + r.kind);
}

} // namespace strowger::runtime
