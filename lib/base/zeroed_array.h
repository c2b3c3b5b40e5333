// zeroed_array.h - a large array of zeros that costs nothing where it is not
// used: the system gives its pages when they are first touched.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace mill {

// Elements are as if all their bytes were zeros. Its size is its owner's to
// know.
template <typename T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T> &&
                std::is_trivially_destructible_v<T>);

 public:
  explicit ZeroedArray(std::size_t size)
      : elements_(static_cast<T*>(std::calloc(size, sizeof(T)))) {
    if (!elements_) throw std::bad_alloc();
  }
  T& operator[](std::size_t i) { return elements_.get()[i]; }

 private:
  struct Free {
    void operator()(T* elements) const { std::free(elements); }
  };
  std::unique_ptr<T, Free> elements_;
};

}  // namespace mill
