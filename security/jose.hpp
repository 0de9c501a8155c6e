// For the .cpp files of this folder only: cjose, jansson and OpenSSL objects that free themselves.
#pragma once

#include <cjose/cjose.h>
#include <jansson.h>
#include <openssl/evp.h>

#include <memory>
#include <string_view>

namespace strowger::security::jose {

template <auto Free> struct freed_by {
  template <class T> void operator()(T* p) const { Free(p); }
};
using jwk = std::unique_ptr<cjose_jwk_t, freed_by<cjose_jwk_release>>;
using jws = std::unique_ptr<cjose_jws_t, freed_by<cjose_jws_release>>;
using header = std::unique_ptr<cjose_header_t, freed_by<cjose_header_release>>;
using json = std::unique_ptr<json_t, freed_by<json_decref>>;
using public_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

// Strict: duplicate members and anything after the value are errors. Null when malformed.
inline json parse(std::string_view text) {
  return json{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
}

// The member as text; null when it is missing or not a string.
inline const char* text_of(const json_t* object, const char* member) {
  return json_string_value(json_object_get(object, member));
}

} // namespace strowger::security::jose
