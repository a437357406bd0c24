// A fuzzer: libFuzzer's main() calls this with each input. BACHSIM_FUZZED is a function of fuzz.h.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bachsim::fuzz::BACHSIM_FUZZED({reinterpret_cast<const char*>(data), size});
  return 0;
}
