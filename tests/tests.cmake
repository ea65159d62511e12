# Every test is found by its place: a new file is a new test.
#   unit/x_test.c        unit.x: cmocka
#   cli/x.sh             cli.x: script, .stdout and .exit compared
#   KIND/x.sh            KIND.x: a script; exit 0 passed, 77 skipped
enable_testing()
if(TARGET PkgConfig::CMOCKA)
	file(GLOB units CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/*_test.c)
	foreach(source IN LISTS units)
		get_filename_component(name ${source} NAME_WE)
		string(REGEX REPLACE "_test$" "" test ${name})
		add_executable(${name} ${source})
		target_include_directories(${name} PRIVATE libevidence tests/unit)
		if(test MATCHES "^cli")
			target_link_libraries(${name} PRIVATE cli)
		endif()
		target_link_libraries(${name} PRIVATE evidence PkgConfig::CMOCKA
			PkgConfig::CRYPTO PkgConfig::SQLITE PkgConfig::ZLIB ev_flags)
		set_target_properties(${name} PROPERTIES
			RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
		add_test(NAME unit.${test} COMMAND ${name}
			WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
		set_tests_properties(unit.${test} PROPERTIES LABELS unit)
	endforeach()
endif()
# Programs that the scripts of tests/hostile and tests/tamper run.
file(GLOB helpers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/hostile/*.c
	${CMAKE_SOURCE_DIR}/tests/tamper/*.c)
foreach(source IN LISTS helpers)
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name} ${source})
	target_include_directories(${name} PRIVATE libevidence)
	target_link_libraries(${name} PRIVATE evidence ev_flags PkgConfig::ZLIB
		PkgConfig::SECCOMP)
	set_target_properties(${name} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endforeach()
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/*.sh)
foreach(script IN LISTS scripts)
	get_filename_component(test ${script} NAME_WE)
	if(test STREQUAL "run" OR NOT EV_TEST_HOOKS)
		continue()
	endif()
	add_test(NAME cli.${test} COMMAND sh ${CMAKE_SOURCE_DIR}/tests/cli/run.sh
		${CMAKE_BINARY_DIR} ${script})
	set_tests_properties(cli.${test} PROPERTIES LABELS cli TIMEOUT 300)
endforeach()
foreach(kind IN ITEMS lint interop tamper faults hostile golden)
	file(GLOB scripts CONFIGURE_DEPENDS
		${CMAKE_SOURCE_DIR}/tests/${kind}/*.sh)
	foreach(script IN LISTS scripts)
		get_filename_component(test ${script} NAME_WE)
		add_test(NAME ${kind}.${test} COMMAND sh ${script}
			WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
		set_tests_properties(${kind}.${test} PROPERTIES LABELS ${kind}
			SKIP_RETURN_CODE 77 TIMEOUT 1800
			ENVIRONMENT "EV_SRC=${CMAKE_SOURCE_DIR};EV_BUILD=${CMAKE_BINARY_DIR};LC_ALL=C.UTF-8;TZ=UTC")
	endforeach()
endforeach()
# Quiet, two cores take minutes; shared with others, far longer.
set_tests_properties(faults.valgrind_unit faults.valgrind_cli PROPERTIES
	TIMEOUT 7200)
# What the interop scripts drive a floor with, where no tool does yet.
file(GLOB drivers CONFIGURE_DEPENDS
	${CMAKE_SOURCE_DIR}/tests/interop/*_driver.c)
foreach(source IN LISTS drivers)
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name} ${source})
	target_include_directories(${name} PRIVATE libevidence)
	target_link_libraries(${name} PRIVATE evidence ev_flags)
	set_target_properties(${name} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endforeach()
# What valgrind needs around the programs; a sanitized build has no use for it.
if(NOT EV_SANITIZED)
	add_executable(valgrind_child tests/faults/valgrind_child.c)
	target_link_libraries(valgrind_child PRIVATE ev_flags)
	add_library(valgrind_shim MODULE tests/faults/valgrind_shim.c)
	target_link_libraries(valgrind_shim PRIVATE ev_flags)
	target_include_directories(valgrind_shim PRIVATE
		${SECCOMP_INCLUDE_DIRS})
	set_target_properties(valgrind_child valgrind_shim PROPERTIES PREFIX ""
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
		LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
if(EV_FUZZ)
	add_custom_target(fuzzers)
	file(GLOB fuzzers CONFIGURE_DEPENDS
		${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzzer.c)
	foreach(source IN LISTS fuzzers)
		get_filename_component(name ${source} NAME_WE)
		add_executable(${name} ${source})
		target_include_directories(${name} PRIVATE libevidence)
		target_link_libraries(${name} PRIVATE evidence ev_flags
			PkgConfig::ZLIB)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		set_target_properties(${name} PROPERTIES
			RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
		add_dependencies(fuzzers ${name})
	endforeach()
endif()
