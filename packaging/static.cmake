# static.cmake - for -DCMAKE_PROJECT_INCLUDE: programs are linked statically.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
add_link_options(-static)
