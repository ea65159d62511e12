# What cmake --install puts in place besides the programs, and the package.
install(TARGETS evidence)
install(DIRECTORY libevidence/include/evidence
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY casefiles/ DESTINATION ${CMAKE_INSTALL_DATADIR}/evidence
	FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
	PATTERN make.py EXCLUDE)

# Pages are compressed as Debian wants them: -9, no name, no time.
find_program(GZIP gzip REQUIRED)
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.[1-9])
set(packed "")
foreach(page IN LISTS pages)
	get_filename_component(name ${page} NAME)
	string(REGEX MATCH "[1-9]$" section ${name})
	add_custom_command(OUTPUT man/${name}.gz
		COMMAND ${CMAKE_COMMAND} -E make_directory man
		COMMAND ${GZIP} -9nc ${page} > man/${name}.gz
		DEPENDS ${page})
	list(APPEND packed man/${name}.gz)
	install(FILES ${CMAKE_BINARY_DIR}/man/${name}.gz
		DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
set(package ${CMAKE_SOURCE_DIR}/tools/package)
add_custom_command(OUTPUT changelog.gz
	COMMAND ${GZIP} -9nc ${package}/changelog > changelog.gz
	DEPENDS ${package}/changelog)
add_custom_target(pages ALL DEPENDS ${packed} changelog.gz)
install(FILES ${package}/copyright ${CMAKE_BINARY_DIR}/changelog.gz
	DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/evidence)

# For programs of others that are built on the library.
list(JOIN EV_REQUIRES ", " EV_PC_REQUIRES)
file(RELATIVE_PATH EV_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${package}/evidence.pc.in evidence.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/evidence.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Completion: a shell looks for a file by the name of the program.
set(EV_TOOL_WORDS "")
foreach(source IN LISTS tools)
	get_filename_component(tool ${source} NAME_WE)
	list(APPEND EV_TOOL_WORDS ${tool})
endforeach()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completion)
set(bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
set(fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
foreach(tool IN LISTS EV_TOOL_WORDS)
	file(CREATE_LINK evidence ${CMAKE_BINARY_DIR}/completion/${tool}
		SYMBOLIC)
	install(FILES ${CMAKE_BINARY_DIR}/completion/${tool}
		DESTINATION ${bash})
	file(CREATE_LINK evidence.fish
		${CMAKE_BINARY_DIR}/completion/${tool}.fish SYMBOLIC)
	install(FILES ${CMAKE_BINARY_DIR}/completion/${tool}.fish
		DESTINATION ${fish})
endforeach()
# A usage names an option by its letter where it has one: the page of the
# program says its word, "x=word"; "-=word" is one without a letter.
set(EV_LETTER_WORDS "")
foreach(tool IN LISTS EV_TOOL_WORDS)
	file(STRINGS man/${tool}.1 letters
		REGEX "^\\.It Fl ([a-zA-Z] , )?-[a-z]")
	foreach(line IN LISTS letters)
		string(REGEX REPLACE "^.It Fl (.) (, -)?([a-z-]+).*" "\\1=\\3"
			word "${line}")
		string(REGEX REPLACE "^.It Fl -([a-z-]+).*" "-=\\1"
			word "${word}")
		list(APPEND EV_LETTER_WORDS "${tool}:${word}")
	endforeach()
endforeach()
list(JOIN EV_LETTER_WORDS " " EV_LETTER_WORDS)
list(JOIN EV_TOOL_WORDS " " EV_TOOL_WORDS)
configure_file(tools/completion/evidence.bash completion/evidence @ONLY)
configure_file(tools/completion/evidence.fish completion/evidence.fish @ONLY)
configure_file(tools/completion/evidence.zsh completion/_evidence @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/completion/evidence DESTINATION ${bash})
install(FILES ${CMAKE_BINARY_DIR}/completion/evidence.fish
	DESTINATION ${fish})
install(FILES ${CMAKE_BINARY_DIR}/completion/_evidence
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)

# cpack -G DEB
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME evidence)
set(CPACK_PACKAGE_CONTACT "The evidence authors <evidence@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
	"turn data captured from online accounts into checkable evidence")
set(CPACK_PACKAGE_DESCRIPTION
"Programs that ingest, hash, time-stamp and keep in an append-only log what
was captured from online accounts, read facts out of it with the bytes they
come from, weigh claims with reasons for and against, and write one signed
container that stock tools verify.  With the C library they are built on.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "tor-geoipdb, man-db")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssl, sqlite3, unzip")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE
	OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
