// Memory for RapidJSON, which writes to what it gets without a look: where the host has none left, it throws.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace bachsim {

// As RapidJSON wants one.
class JsonAllocator {
 public:
  static const bool kNeedFree = true;
  void* Malloc(std::size_t size) { return size == 0 ? nullptr : there(std::malloc(size)); }
  void* Realloc(void* memory, std::size_t /*before*/, std::size_t size) {
    if (size > 0) return there(std::realloc(memory, size));
    std::free(memory);
    return nullptr;
  }
  static void Free(void* memory) { std::free(memory); }

 private:
  static void* there(void* memory) { return memory != nullptr ? memory : throw std::bad_alloc(); }
};

}  // namespace bachsim
