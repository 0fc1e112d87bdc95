# Turns the page's files into a C++ source:
#   cmake -DOUT=asset.cpp -DFOLDER=assets -P embed_assets.cmake
set(names index.html app.js style.css icon.svg)
set(paths / /app.js /style.css /icon.svg)
set(types "text/html" "text/javascript" "text/css" "image/svg+xml")

set(arrays "")
set(entries "")
foreach(name path type IN ZIP_LISTS names paths types)
  file(READ ${FOLDER}/${name} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(MAKE_C_IDENTIFIER ${name} id)
  string(APPEND arrays "const unsigned char ${id}[] = {${bytes}};\n")
  string(APPEND entries
    "      {\"${path}\", \"${type}; charset=utf-8\", text(${id}, sizeof ${id})},\n")
endforeach()

file(WRITE ${OUT} "#include \"actors/dashboard/asset.hpp\"

#include <array>
#include <cstddef>

namespace fabric::dashboard {

namespace {

${arrays}
std::string_view text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::span<const asset> assets() {
  static const std::array<asset, 4> all{{
${entries}  }};
  return all;
}

}  // namespace fabric::dashboard
")
