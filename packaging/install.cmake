# install.cmake - what `cmake --install build --prefix PREFIX` puts where.
#
#   libexec/answermill/    bin/ the programs, scripts/, Makefile.pipeline, and a
#                          link to share/: the same shape as the tree, so that
#                          scripts find their own things by where they lie
#   bin/                   links to the programs and to scripts/answermill
#   share/answermill/      what people read and copy: profiles, samples, rules,
#                          units (token lists and the like are in the programs)
#   share/man, share/doc, and completions where bash, zsh and fish look for them
#
# Manuals and completions are kept with the sources (scripts/make-manuals,
# scripts/make-completions).
#
# All links are relative and nothing names PREFIX: a tree that is moved works.
# `cmake --build build --target uninstall` takes away what was installed last.
include(GNUInstallDirs)

set(home ${CMAKE_INSTALL_LIBEXECDIR}/answermill)
set(shared ${CMAKE_INSTALL_DATADIR}/answermill)

# install_link(FOLDER NAME TARGET): FOLDER/NAME becomes a link to TARGET; both
# folders are relative to the prefix.
function(install_link folder name target)
  file(RELATIVE_PATH relative /${folder} /${target})
  set(link ${CMAKE_CURRENT_BINARY_DIR}/links/${folder}/${name})
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/links/${folder})
  file(CREATE_LINK ${relative} ${link} SYMBOLIC)
  install(FILES ${link} DESTINATION ${folder})
endfunction()

install(TARGETS ${tools} DESTINATION ${home}/bin)
install(PROGRAMS scripts/answermill scripts/orchestrate scripts/nightly
                 scripts/demo scripts/parallel-filter scripts/spark-version
                 scripts/cloud-setup scripts/summary
        DESTINATION ${home}/scripts)
install(FILES scripts/programs scripts/recipe-shell DESTINATION ${home}/scripts)
install(FILES Makefile.pipeline DESTINATION ${home})
install_link(${home} share ${shared})
foreach(tool ${tools})
  # Debian's barcode has a /usr/bin/sample: ours is `answermill sample`.
  if(NOT tool STREQUAL sample)
    install_link(${CMAKE_INSTALL_BINDIR} ${tool} ${home}/bin/${tool})
  endif()
endforeach()
install_link(${CMAKE_INSTALL_BINDIR} answermill ${home}/scripts/answermill)

foreach(number 1 5 7)
  install(DIRECTORY man/man${number} DESTINATION ${CMAKE_INSTALL_MANDIR})
endforeach()
set(completions ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES share/completions/bash/answermill DESTINATION ${completions})
foreach(tool ${tools})
  if(NOT tool STREQUAL sample)
    install_link(${completions} ${tool} ${completions}/answermill)
  endif()
endforeach()
install(FILES share/completions/zsh/_answermill
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(DIRECTORY share/completions/fish/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(DIRECTORY share/profiles share/recipes share/sample share/systemd
                  share/terraform
        DESTINATION ${shared})
install(FILES share/firestore.rules share/firestore.indexes.json
        DESTINATION ${shared})
install(FILES README.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
              LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES bench/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/bench)
install(FILES docs/DESIGN.md docs/FORMATS.md docs/SCALE.md docs/TUTORIAL.md
              docs/report.png
              docs/review.png
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)

add_custom_target(uninstall
  COMMAND ${CMAKE_COMMAND} -D MANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt
          -P ${CMAKE_CURRENT_SOURCE_DIR}/packaging/uninstall.cmake)
