# What cmake --install puts in place besides the programs.
install(TARGETS evidence)
install(DIRECTORY libevidence/include/evidence
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY casefiles/ DESTINATION ${CMAKE_INSTALL_DATADIR}/evidence)
