# Third-party libraries as imported targets; Debian packages, and Boost 1.81 headers under .deps/.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(RocksDB REQUIRED)
find_package(msgpack REQUIRED PATHS "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/msgpackc-cxx")
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(cjose REQUIRED IMPORTED_TARGET cjose)
if(STROWGER_TESTS)
  find_package(GTest REQUIRED)
  pkg_check_modules(srtp REQUIRED IMPORTED_TARGET libsrtp2)
endif()
if(STROWGER_BENCH)
  find_package(benchmark REQUIRED)
endif()

# 1.74 would be found silently: the version is asserted where Boost is included (http/boost.hpp).
add_library(strowger_boost INTERFACE)
target_include_directories(strowger_boost SYSTEM INTERFACE
                           "${PROJECT_SOURCE_DIR}/.deps/boost/usr/include")
target_compile_definitions(strowger_boost INTERFACE BOOST_ALL_NO_LIB BOOST_ASIO_NO_DEPRECATED
                           BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(strowger_boost INTERFACE Threads::Threads)

add_library(strowger_caf INTERFACE)
target_link_libraries(strowger_caf INTERFACE caf_core Threads::Threads)

add_library(strowger_msgpack INTERFACE)
target_compile_definitions(strowger_msgpack INTERFACE MSGPACK_NO_BOOST)
