#pragma once

/// The list of fields that FABRIC_PACK was given, as `fabric_self.a, fabric_self.b, ...`: each
/// round of expansion lets the macro name itself once more. Up to 256 fields.
#define FABRIC_DETAIL_PARENS ()
#define FABRIC_DETAIL_EXPAND(...) \
  FABRIC_DETAIL_EXPAND1(          \
      FABRIC_DETAIL_EXPAND1(FABRIC_DETAIL_EXPAND1(FABRIC_DETAIL_EXPAND1(__VA_ARGS__))))
#define FABRIC_DETAIL_EXPAND1(...) \
  FABRIC_DETAIL_EXPAND2(           \
      FABRIC_DETAIL_EXPAND2(FABRIC_DETAIL_EXPAND2(FABRIC_DETAIL_EXPAND2(__VA_ARGS__))))
#define FABRIC_DETAIL_EXPAND2(...) \
  FABRIC_DETAIL_EXPAND3(           \
      FABRIC_DETAIL_EXPAND3(FABRIC_DETAIL_EXPAND3(FABRIC_DETAIL_EXPAND3(__VA_ARGS__))))
#define FABRIC_DETAIL_EXPAND3(...) \
  FABRIC_DETAIL_EXPAND4(           \
      FABRIC_DETAIL_EXPAND4(FABRIC_DETAIL_EXPAND4(FABRIC_DETAIL_EXPAND4(__VA_ARGS__))))
#define FABRIC_DETAIL_EXPAND4(...) __VA_ARGS__
#define FABRIC_DETAIL_MEMBERS(first, ...) \
  fabric_self.first __VA_OPT__(, FABRIC_DETAIL_MEMBERS_AGAIN FABRIC_DETAIL_PARENS(__VA_ARGS__))
#define FABRIC_DETAIL_MEMBERS_AGAIN() FABRIC_DETAIL_MEMBERS

/// Says which fields of `Type` travel, in this order, from the second argument on. Stands beside
/// the type in its namespace, or in its class (public part), where private fields may be named too.
/// New fields are added at the end: readers of an older version skip them, and readers of a newer
/// one keep the default of what an older version did not send. Fields are never moved or removed.
/// `Type` must be default constructible.
#define FABRIC_PACK(Type, ...)                                                                 \
  template <class FabricVisitor>                                                               \
  inline void fabric_fields([[maybe_unused]] Type& fabric_self, FabricVisitor&& visit) {       \
    visit(__VA_OPT__(FABRIC_DETAIL_EXPAND(FABRIC_DETAIL_MEMBERS(__VA_ARGS__))));               \
  }                                                                                            \
  template <class FabricVisitor>                                                               \
  inline void fabric_fields([[maybe_unused]] const Type& fabric_self, FabricVisitor&& visit) { \
    visit(__VA_OPT__(FABRIC_DETAIL_EXPAND(FABRIC_DETAIL_MEMBERS(__VA_ARGS__))));               \
  }                                                                                            \
  static_assert(true, "a semicolon ends the macro")
